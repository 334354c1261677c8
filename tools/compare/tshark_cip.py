#!/usr/bin/env python3
"""Compare what the events of EtherNet/IP, CIP and PCCC hold with what tshark reads, field by field and value by value: see tshark_values.py.

Two programs named on the command line: `tshark_cip.py enip|cip|pccc [options]`. tshark takes a client's port 1102 for another protocol, so it is
told what these captures hold.
"""
import collections
import sys

from tshark_values import PDU, Dialect, frames, main

OPTIONS = ["-d", "tcp.port==1102,enip"]


def collect():
    return collections.defaultdict(collections.Counter)


# ---------------------------------------------------------------------------------------------- encapsulation

ENIP_FIELDS = {"enip.length": "length", "enip.session": "session", "enip.options": "options", "enip.cpf.typeid": "item", "enip.timeout": "timeout",
               "enip.lsr.capaflags": "capabilities", "enip.lir.vendor": "vendor", "enip.lir.devtype": "device_type",
               "enip.lir.prodcode": "product", "enip.lir.serial": "serial", "enip.lir.state": "state", "enip.lir.status": "device_status"}
ENIP_TEXTS = {"enip.lir.name": "name", "enip.lsr.servicename": "service"}

ENIP_SCRIPT = r'''
on("enip.message", function(e)
	put(e, "pdu", ("command 0x%04x status 0x%x"):format(e.enip_command_code, e:raw("enip_status")))
	put(e, "length", e.length)
	put(e, "session", e.session_handle)
	put(e, "options", e.options)
	put(e, "context", ("%x"):format(e.sender_context))
	put(e, "timeout", e.timeout)
	local items = e:raw("items")
	for i = 1, items and #items or 0 do put(e, "item", items[i]) end
	put(e, "service", e.service_name)
	put(e, "capabilities", e.capability_flags)
end)
on("enip.identity", function(e)
	put(e, "vendor", e.vendor_id)
	put(e, "device_type", e.device_type_id)
	put(e, "product", e.product_code)
	put(e, "serial", e.serial_number)
	put(e, "name", e.product_name)
	put(e, "device_status", e.device_status)
	put(e, "state", e:raw("state"))
end)
'''


def enip_theirs(path):
    values = collect()
    for src, dst, fields in frames(path, "enip.command", OPTIONS):
        command = None
        for f in fields:
            if f.value is None:
                continue
            if f.name == "enip.command":
                command = f.number()
            elif f.name == "enip.status":
                values[src, dst, PDU]["command 0x%04x status 0x%x" % (command, f.number())] += 1
            elif f.name == "enip.context":
                values[src, dst, "context"]["%x" % int(f.value, 16)] += 1
            elif f.name in ENIP_FIELDS:
                values[src, dst, ENIP_FIELDS[f.name]][str(f.number())] += 1
            elif f.name in ENIP_TEXTS:
                values[src, dst, ENIP_TEXTS[f.name]][f.show] += 1
    return values


# ---------------------------------------------------------------------------------------------- CIP

PATH = {"cip.class": "class", "cip.instance": "instance", "cip.attribute": "attribute"}
# Numbers of Forward Open and Forward Close, and of I/O.
NUMBERS = {"cip.cm.ot_connid": "ot_connection", "cip.cm.to_connid": "to_connection", "cip.cm.conn_serial_num": "connection_serial",
           "cip.cm.vendor": "originator_vendor", "cip.cm.orig_serial_num": "originator_serial", "cip.cm.otrpi": "ot_rpi", "cip.cm.torpi": "to_rpi",
           "cip.cm.otapi": "ot_rpi", "cip.cm.toapi": "to_rpi", "cip.cm.fwo.consize": "connection_size", "cip.cm.fwo.type": "connection_type",
           "cip.cm.fwo.prio": "priority", "cip.cm.fwo.transport": "transport_class", "cip.cm.fwo.trigger": "trigger",
           "cip.ekey.vendor": "key_vendor", "cip.ekey.devtype": "key_type", "cip.ekey.product_code": "key_product",
           "cip.msp.num_services": "services", "enip.cpf.sai.connid": "io_connection", "enip.cpf.sai.seq": "io_sequence",
           "enip.cpf.cai.connid": "connection", "cip.seq": "sequence"}
IDENTITY = {"cip.id.serial_number": lambda f: "0x%08x" % f.number(), "cip.id.product_name": lambda f: f.show}

CIP_SCRIPT = r'''
local function number(n) return n and ("0x%x"):format(n) or "-" end
on("cip.message", function(e)
	put(e, "service", e.cip_service_code)
	if e.direction == "request" then
		put(e, "pdu", ("0x%02x class %s instance %s attribute %s symbol %s"):format(e.cip_service_code, number(e.path_class),
			number(e.path_instance), number(e.path_attribute), e.symbol or "-"))
		put(e, "class", e.path_class)
		put(e, "instance", e.path_instance)
		put(e, "attribute", e.path_attribute)
		for i = 1, e.attributes and #e.attributes or 0 do put(e, "listed", e.attributes[i]) end
		put(e, "symbol", e.symbol)
		if e.depth == 1 and not e.connected then put(e, "route", e.route) end
	else
		put(e, "pdu", ("0x%02x status 0x%02x %s"):format(e.cip_service_code, e:raw("cip_status_code"), number(e.cip_extended_status_code)))
		put(e, "status", e:raw("cip_status_code"))
		put(e, "extended_status", e.cip_extended_status_code)
	end
	if e.depth == 0 and e.connected then put(e, "connection", e.connection_id) put(e, "sequence", e.cip_sequence_count) end
	if e.cip_service_code == 10 then put(e, "services", e.elements) end
end)
on("cip.connection", function(e)
	put(e, "ot_connection", e.ot_connection_id)
	put(e, "to_connection", e.to_connection_id)
	put(e, "connection_serial", e.connection_serial)
	put(e, "originator_vendor", e.originator_vendor)
	put(e, "originator_serial", e.originator_serial)
	put(e, "ot_rpi", e.ot_rpi)
	put(e, "to_rpi", e.to_rpi)
	if e.direction == "response" then return end
	put(e, "connection_size", e.ot_size)
	put(e, "connection_size", e.to_size)
	put(e, "connection_type", e:raw("ot_type"))
	put(e, "connection_type", e:raw("to_type"))
	put(e, "priority", e:raw("ot_priority"))
	put(e, "priority", e:raw("to_priority"))
	put(e, "transport_class", e.transport_class)
	put(e, "trigger", e:raw("trigger"))
	put(e, "key_vendor", e.key_vendor)
	put(e, "key_type", e.key_device_type)
	put(e, "key_product", e.key_product)
	put(e, "route", e.route)
end)
on("cip.io", function(e)
	if e.sequence_number then
		put(e, "io_connection", e.connection_id)
		put(e, "io_sequence", e.sequence_number)
		put(e, "sequence", e.cip_sequence_count)
	else
		put(e, "connection", e.connection_id)
	end
end)
on("asset.fact", "source == 'cip' and (key == 'serial' or key == 'model')", function(e) put(e, "identity", e.value) end)
'''


OPENS = (0x54, 0x5b)


class Message:
    """A service as tshark shows it: where its path lies in the tree, and what it says."""

    def __init__(self, field):
        self.code = field.number()
        self.path_depth, self.above = None, 0
        self.path, self.names, self.status, self.extended = {}, "", None, None

    def take(self, f):
        """True when the field is of this message's own path."""
        if f.name == "cip.request_path_size":
            self.path_depth = f.depth
            return True
        if self.path_depth is None:
            return False
        if f.depth <= self.path_depth:
            self.above += 1
            if f.name or self.above > 1:  # the path has one heading of its own, and what follows is of the service
                self.path_depth = None
                return False
        if f.name in PATH:
            if f.name == "cip.class" and self.path.get(f.name, f.number()) != f.number():
                self.path.pop("cip.instance", None)
            self.path[f.name] = f.number()
        elif f.name == "cip.symbol":
            self.names += ("." if self.names else "") + f.show
        elif f.name == "cip.member" and self.names:
            self.names = self.names[:-1] + ",%d]" % f.number() if self.names.endswith("]") else self.names + "[%d]" % f.number()
        return True


def tell(values, src, dst, m):
    if not m:
        return
    service = m.code & 0x7f
    values[src, dst, "service"][str(service)] += 1
    if m.code & 0x80:
        extended = "-" if m.extended is None else hex(m.extended)
        values[src, dst, PDU]["0x%02x status 0x%02x %s" % (service, m.status or 0, extended)] += 1
        values[src, dst, "status"][str(m.status)] += 1
        if m.extended is not None:
            values[src, dst, "extended_status"][str(m.extended)] += 1
        return
    path = [hex(m.path[name]) if name in m.path else "-" for name in PATH]
    values[src, dst, PDU]["0x%02x class %s instance %s attribute %s symbol %s" % ((service,) + tuple(path) + (m.names or "-",))] += 1
    for name, ours in PATH.items():
        if name in m.path:
            values[src, dst, ours][str(m.path[name])] += 1
    if m.names:
        values[src, dst, "symbol"][m.names] += 1


def cip_theirs(path):
    values = collect()
    for src, dst, fields in frames(path, "cip or cipio or enip.cpf.sai.connid", OPTIONS):
        m, routes = None, []
        for f in fields:
            if f.value is None:
                continue
            if f.name == "cip.service":
                tell(values, src, dst, m)
                m = Message(f)
            elif m and m.take(f):
                continue
            elif f.name in ("cip.genstat", "cip.cm.genstat") and m:
                m.status = f.number()
            elif f.name in ("cip.addstat", "cip.cm.ext_status") and m:
                m.extended = f.number() if m.extended is None else m.extended
            elif f.name == "cip.attribute" and m and m.code == 3:
                values[src, dst, "listed"][str(f.number())] += 1
            elif f.name in NUMBERS and (not f.name.startswith("cip.ekey") or m and m.code in OPENS):  # tshark repeats the key later
                values[src, dst, NUMBERS[f.name]][str(f.number())] += 1
            elif f.name in IDENTITY:
                values[src, dst, "identity"][IDENTITY[f.name](f)] += 1
            elif f.name in ("cip.cm.route_path_size", "cip.cm.connpath_size"):
                routes.append([])
            elif f.name in ("cip.port", "cip.linkaddress.byte", "cip.linkaddress.string") and routes:
                routes[-1].append(f.show)
        tell(values, src, dst, m)
        values[src, dst, "route"].update("/".join(hops) for hops in routes if hops)
    return values


# ---------------------------------------------------------------------------------------------- PCCC

PCCC = {"cip.pccc.tns.code": "transaction", "cip.pccc.cip.vend.id": "vendor", "cip.pccc.cip.serial.num": "serial", "cip.pccc.byte.size": "size",
        "cip.pccc.file.num": "file", "cip.pccc.file.type": "file_type", "cip.pccc.element.num": "element", "cip.pccc.subelement.num": "sub_element",
        "cip.pccc.es.status": "extended_status"}

PCCC_SCRIPT = r'''
on("pccc.message", function(e)
	local asks = e.direction == "request"
	if not e.vendor then return end -- over DH+, or from before CIP: tshark does not know these
	put(e, "pdu", ("0x%02x%s %s"):format(e:raw("command"), asks and e.function_code and (" 0x%02x"):format(e.function_code) or "",
		asks and "request" or ("status 0x%02x"):format(e:raw("status"))))
	put(e, "transaction", e.transaction)
	put(e, "vendor", e:raw("vendor"))
	put(e, "serial", e.serial)
	put(e, "extended_status", e:raw("extended_status"))
	-- the addresses that tshark reads: typed logical read and write with three fields
	if not asks or (e.function_code ~= 0xa2 and e.function_code ~= 0xaa) then return end
	put(e, "size", e.size)
	put(e, "file", e.file)
	put(e, "file_type", e:raw("file_type"))
	put(e, "element", e.element)
	put(e, "sub_element", e.sub_element)
end)
'''


def pccc_theirs(path):
    values = collect()
    for src, dst, fields in frames(path, "cippccc", OPTIONS):
        said = None  # of one command: its number, what it does, its status; a frame may hold several
        for f in fields:
            if f.value is None:
                continue
            if f.name in ("cip.pccc.cmd.code", "cip.pccc.resp.code"):
                tell_pccc(values[src, dst, PDU], said)
                said = [f.number(), "", 0]
            elif f.name.startswith("cip.pccc.fnc.code"):
                said[1] = " 0x%02x" % f.number()
            elif f.name == "cip.pccc.gs.status":
                said[2] = f.number()
            elif f.name in PCCC:
                values[src, dst, PCCC[f.name]][str(f.number())] += 1
        tell_pccc(values[src, dst, PDU], said)
    return values


def tell_pccc(pdus, said):
    if said:  # else CIP refused it
        command, function, status = said
        pdus["0x%02x%s %s" % (command & 0x1f, function, "status 0x%02x" % status if command & 0x40 else "request")] += 1


DIALECTS = {
    "enip": Dialect("enip", ["enip"], ["cip_devices.pcap", "real-logix.pcap"], ["context"] + list(ENIP_FIELDS.values()) + list(ENIP_TEXTS.values()), ENIP_SCRIPT, enip_theirs),
    "cip": Dialect("cip", ["cip", "cip.io"], ["cip_devices.pcap", "real-logix.pcap"],
                   ["service", "status", "extended_status"] + list(PATH.values()) + ["listed", "symbol", "route"] + list(dict.fromkeys(NUMBERS.values())) + ["identity"],
                   CIP_SCRIPT, cip_theirs),
    "pccc": Dialect("pccc", [], ["enip.pcap", "real-logix.pcap"], list(PCCC.values()), PCCC_SCRIPT, pccc_theirs),
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in DIALECTS:
        sys.exit(__doc__)
    main(DIALECTS[sys.argv.pop(1)], __doc__)
