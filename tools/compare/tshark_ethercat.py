#!/usr/bin/env python3
"""Compare what ethercat's events hold with what tshark reads, field by field and value by value: see tshark_values.py.

A message to a slave is said once, when it goes out; tshark reads it again as the frame comes back. One that is longer than its mailbox is a
weird here and said to be damaged there.
"""
import collections

from tshark_values import PDU, Dialect, frames, main

WRITES, LAST, INCOMPLETE = (2, 5), 14, 0x80
DAMAGED = ('ecat_mailbox.invalid', 'ecat_mailbox.coe.invalid')
DATAGRAM = {'ecat.idx': 'index', 'ecat.adp': 'slave_addr', 'ecat.ado': 'offset', 'ecat.lad': 'logical', 'ecat.subframe.length': 'length',
            'ecat.subframe.circulating': 'circulating', 'ecat.int': 'irq', 'ecat.cnt': 'wkc'}
MAILBOX = {'ecat_mailbox.type': 'mailbox', 'ecat_mailbox.length': 'mailbox_length', 'ecat_mailbox.counter': 'counter',
           'ecat_mailbox.coe.type': 'service', 'ecat_mailbox.coe.number': 'coe_number', 'ecat_mailbox.coe.sdoidx': 'object',
           'ecat_mailbox.coe.sdosub': 'subindex', 'ecat_mailbox.coe.abortcode': 'abort', 'ecat_mailbox.coe.sdoinfoopcode': 'info',
           'ecat_mailbox.coe.sdoinfofrag': 'fragments_left', 'ecat_mailbox.foe_opmode': 'foe', 'ecat_mailbox.foe_packetno': 'packet',
           'ecat_mailbox.foe_errcode': 'foe_error', 'ecat_mailbox.soe_opcode': 'soe', 'ecat_mailbox.soe_idn': 'idn',
           'ecat_mailbox.soe_header_driveno': 'drive'}

SCRIPT = r'''
local function told(e, field, value) put({ orig_h = e.src_mac, resp_h = e.dst_mac, is_orig = true }, field, value) end
on("ethercat.datagram", function(e)
	told(e, "pdu", e:raw("command"))
	for _, field in ipairs { "index", "slave_addr", "offset", "logical", "length", "irq", "wkc" } do told(e, field, e[field]) end
	told(e, "circulating", e.circulating and 1 or 0)
end)
local OPCODES = { read = 1, write = 2, data = 3, ack = 4, error = 5, busy = 6 }
local SERCOS = { read = 1, read_response = 2, write = 3, write_response = 4, notification = 5, emergency = 6 }
local INFORMATION = { list = 1, list_response = 2, object = 3, object_response = 4, entry = 5, entry_response = 6, error = 7 }
on("ethercat.mailbox", function(e)
	-- tshark does not look into the gateway, errors and the maker's own; what was captured on its way back alone is left out there, too
	if e.transport ~= "eth" or e.type == "error" or e.type == "VoE" or e.to_slave and tostring(e.src_mac):match "^.[2367abef]" then return end
	told(e, "mailbox", e:raw("type"))
	told(e, "mailbox_length", e.length)
	told(e, "counter", e.counter)
	told(e, "service", e:raw("service"))
	told(e, "coe_number", e.coe_number)
	if e.sdo_command then
		told(e, "abort", e.error_code)
	end
	if e.sdo_command and not e.error_code then -- nor which object was aborted
		told(e, "object", e.object)
		told(e, "subindex", e.subindex)
	end
	told(e, "info", INFORMATION[e.info_opcode])
	if e.info_opcode then told(e, "fragments_left", e.fragments_left) end
	told(e, "foe", OPCODES[e.foe_opcode])
	told(e, "packet", e.packet)
	if e.foe_opcode then told(e, "foe_error", e.error_code) end
	told(e, "soe", SERCOS[e.soe_opcode])
	told(e, "drive", e.drive)
	if e.idn then
		local kind, set, number = tostring(e.idn):match "(%u)%-(%d)%-(%d+)"
		told(e, "idn", (kind == "P" and 0x8000 or 0) | tonumber(set) << 12 | tonumber(number))
	end
end)
'''


def datagrams(fields):
    """The fields of each datagram of a frame."""
    every = []
    for f in fields:
        if f.name == 'ecat.cmd':
            every.append([])
        if every:
            every[-1].append(f)
    return every


def datagram(put, fields, returned):
    command = fields[0].number()
    addressed = 0 < command <= LAST
    said = command in WRITES and returned or any(f.name in DAMAGED for f in fields)
    put(PDU, str(command))
    information = any(f.name == 'ecat_mailbox.coe.sdoinfoopcode' for f in fields)
    for f in fields:
        field = DATAGRAM.get(f.name) or (None if said else MAILBOX.get(f.name))
        if not field or (field in ('object', 'subindex') and information) or (field in ('slave_addr', 'offset') and not addressed):
            continue
        put(field, str(f.number() & ~INCOMPLETE if field == 'info' else f.number()))



def theirs(path):
    values = collections.defaultdict(collections.Counter)
    for _, _, fields in frames(path, 'ecat'):
        ends = tuple(next(f.show for f in fields if f.name == name) for name in ('eth.src', 'eth.dst'))
        returned = int(ends[0][:2], 16) & 2
        for one in datagrams(fields):
            datagram(lambda field, value, ends=ends: values[ends + (field,)].update([value]), one, returned)
    return values


ETHERCAT = Dialect('ethercat', ['ecat'], ['ethercat.pcap'], list(DATAGRAM.values()) + list(MAILBOX.values()), SCRIPT, theirs)

if __name__ == '__main__':
    main(ETHERCAT, __doc__)
