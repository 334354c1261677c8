#!/usr/bin/env python3
"""Compare what the events of ISO transport hold with what tshark reads, field by field and value by value: see tshark_values.py."""
import collections

from tshark_values import PDU, Dialect, frames, main

NUMBERS = {"cotp.destref": "dst_ref", "cotp.srcref": "src_ref", "cotp.class": "class", "cotp.tpdu-number": "number", "cotp.cause": "reason",
           "cotp.reject_cause": "cause"}
BYTES = {"cotp.src-tsap-bytes": "calling_tsap", "cotp.dst-tsap-bytes": "called_tsap"}

SCRIPT = r'''
on("cotp.pdu", function(e)
	put(e, "pdu", ("0x%02x"):format(e:raw("pdu_code")))
	put(e, "dst_ref", e.dst_ref)
	put(e, "src_ref", e.src_ref)
	put(e, "class", e.class)
	put(e, "number", e.number)
	if e.eot ~= nil then put(e, "eot", e.eot and 1 or 0) end
	put(e, "reason", e:raw("reason"))
	put(e, "cause", e:raw("cause"))
	put(e, "tpdu_size", e.tpdu_size)
	put(e, "calling_tsap", e.calling_tsap and hex(e.calling_tsap))
	put(e, "called_tsap", e.called_tsap and hex(e.called_tsap))
end)
'''


def theirs(path):
    values = collections.defaultdict(collections.Counter)
    for src, dst, fields in frames(path, "cotp and not rdp and not t125 and tcp.port != 3389"):  # RDP reads its own connection request and what follows it
        for f in fields:
            if f.value is None:
                continue
            if f.name == "cotp.type":
                values[src, dst, PDU]["0x%02x" % f.number()] += 1
            elif f.name == "cotp.eot":
                values[src, dst, "eot"]["1" if f.show in ("1", "True") else "0"] += 1
            elif f.name == "cotp.tpdu_size":
                values[src, dst, "tpdu_size"][str(1 << int(f.value, 16))] += 1
            elif f.name in BYTES:
                values[src, dst, BYTES[f.name]][f.value] += 1
            elif f.name in NUMBERS:
                values[src, dst, NUMBERS[f.name]][str(f.number())] += 1
    return values


COTP = Dialect("cotp", ["cotp"], [], list(NUMBERS.values()) + ["eot", "tpdu_size", "calling_tsap", "called_tsap"], SCRIPT, theirs)

if __name__ == "__main__":
    main(COTP, __doc__)
