#!/usr/bin/env python3
"""Compare what s7comm's events hold with what tshark reads in the same captures, field by field and value by value: see tshark_values.py."""
import collections
import subprocess

from tshark_values import PDU, Dialect, main

# Our name of a field, tshark's, and what makes a number of its text.
HEX, DEC, TEXT, RAW = (lambda s: int(s, 0)), (lambda s: int(s, 0)), str, (lambda s: s.replace(":", ""))
FIELDS = [
    ("rosctr", "s7comm.header.rosctr", DEC),
    ("reference", "s7comm.header.pduref", DEC),
    ("function", "s7comm.param.func", HEX),
    ("error_class", "s7comm.header.errcls", HEX),
    ("error_code", "s7comm.header.errcod", HEX),
    ("user_error", "s7comm.param.errcod", HEX),
    ("user_type", "s7comm.param.userdata.type", DEC),
    ("user_group", "s7comm.param.userdata.funcgroup", DEC),
    ("user_sub", "s7comm.param.userdata.subfunc", DEC),
    ("items", "s7comm.param.itemcount", DEC),
    ("pdu_size", "s7comm.param.pdu_length", DEC),
    ("syntax", "s7comm.param.item.syntaxid", HEX),
    ("area", "s7comm.param.item.area", HEX),
    ("db", "s7comm.param.item.db", DEC),
    ("size", "s7comm.param.item.transp_size", DEC),
    ("count", "s7comm.param.item.length", DEC),
    ("byte", "s7comm.param.item.address.byte", DEC),
    ("bit", "s7comm.param.item.address.bit", DEC),
    ("number", "s7comm.param.item.address.number", DEC),
    ("area_db", "s7comm.param.item.dbread.db", DEC),
    ("area_start", "s7comm.param.item.dbread.startaddress", DEC),
    ("area_length", "s7comm.param.item.dbread.length", DEC),
    ("data", "s7comm.resp.data", RAW),
    ("szl_id", "s7comm.data.userdata.szl_id", HEX),
    ("szl_index", "s7comm.data.userdata.szl_index", HEX),
    ("service", "s7comm.param.pistart.servicename", TEXT),
    ("file", "s7comm.param.blockcontrol.filename", TEXT),
    ("info_number", "s7comm.blockinfo.block_num", DEC),
    ("info_count", "s7comm.blockinfo.block_count", DEC),
    ("alarm_event", "s7comm.alarm.event_id", HEX),
    ("diagnostic", "s7comm.cpu.diag_msg.eventid", HEX),
]
# tshark's data of a block is its content, which our events do not hold but as a hash; its file of a PI service is among the arguments.
BLOCKS = {"0x1b", "0x1e", "0x28"}

SCRIPT = r'''
local function none() end
-- The data items behind an alarm object.
local function data_items(s)
	local at = 1
	return function()
		if #s - at < 3 then return nil end
		local code, size, length = (">BBI2"):unpack(s, at)
		local n = (size == 3 or size == 4 or size == 5) and (length + 7) // 8 or length
		local value = s:sub(at + 4, at + 3 + n)
		at = at + 4 + n + n % 2
		return value
	end
end

local last, parts = {}, {} -- parts: the areas of a DBREAD, which tshark has in one
on("s7comm.message", function(e)
	for _, data in pairs(parts) do put(e, "data", hex(data)) end
	parts = {}
	put(e, "items", e.item_count)
	local user = e.rosctr_code == 7
	local answers = e.rosctr_code == 2 or e.rosctr_code == 3
	if user then
		put(e, "pdu", ("7 type %d group %d"):format(e.function_code >> 4, e.function_code & 15))
	else
		put(e, "pdu", ("%d %s%s"):format(e.rosctr_code, e.function_code and ("0x%02x"):format(e.function_code) or "-",
			answers and (" error 0x%02x"):format(e:raw("error") >> 8) or ""))
	end
	put(e, "rosctr", e.rosctr_code)
	put(e, "reference", e.pdu_reference >> 8 | (e.pdu_reference & 255) << 8)
	if user then
		put(e, "user_type", e.function_code >> 4)
		put(e, "user_group", e.function_code & 15)
		if e.function_code & 15 ~= 0 then put(e, "user_sub", e:raw("subfunction") & 255) end
		if e.data_unit then put(e, "user_error", e:raw("error")) end
	else
		put(e, "function", e.function_code)
		if e.rosctr_code == 2 or e.rosctr_code == 3 then
			put(e, "error_class", e:raw("error") >> 8)
			put(e, "error_code", e:raw("error") & 255)
			if e:raw("error") ~= 0 then put(e, "user_error", e:raw("error")) end
		end
		put(e, "pdu_size", e.pdu_size)
		if e.rosctr_code == 1 then
			if e.function_code == 0x28 then put(e, "service", e.subfunction_code) end
			if e.function_code == 0x29 then put(e, "service", "P_PROGRAM") end
		end
	end
end)
on("s7comm.item", function(e)
	local access, kind = e.access, e.pdu_type
	if kind == "request" and e.syntax == "DBREAD" and (last.packet ~= e.packet or last.number ~= e.number or last.reference ~= e.pdu_reference)
		then
		put(e, "syntax", e:raw("syntax"))
		last.packet, last.number, last.reference = e.packet, e.number, e.pdu_reference
	end
	if kind == "request" and access ~= "watch" and access ~= "modify" then
		if e.syntax == "DBREAD" then
			put(e, "area_db", e.db)
			put(e, "area_start", e.address)
			put(e, "area_length", e.count)
		else
			put(e, "syntax", e:raw("syntax"))
			if e.syntax == "S7ANY" then
				put(e, "area", e:raw("area"))
				put(e, "db", e.db or 0)
				put(e, "size", e:raw("transport_size"))
				put(e, "count", e.count)
				if e.area == "C" or e.area == "T" then
					put(e, "number", e.address)
				else
					put(e, "byte", e.address)
					put(e, "bit", e.bit or 0)
				end
			end
		end
	end
	if kind ~= "request" and e.syntax == "DBREAD" then
		parts[e.number] = (parts[e.number] or "") .. string.char(e:raw("return_code")) .. (e.data or "")
	elseif e.data then
		put(e, "data", hex(e.data))
	end
end)
on("s7comm.szl", function(e)
	put(e, "szl_id", e:raw("szl_id"))
	put(e, "szl_index", e:raw("szl_index"))
end)
on("s7comm.block", function(e)
	if e.function_name ~= "Download Block" then put(e, "file", e.filename) end
end)
on("s7comm.block_info", function(e)
	put(e, "info_number", e.number)
	put(e, "info_count", e.count)
end)
on("s7comm.alarm", function(e)
	if e.syntax then put(e, "syntax", e:raw("syntax")) end
	for value in (e.values and data_items(e.values) or none) do put(e, "data", hex(value)) end
	if e.event_class then put(e, "diagnostic", e.event_id) elseif e.event_id and e.syntax ~= "ALARM_QUERYREQ" then put(e, "alarm_event", e.event_id) end
end)
'''


def pdus(of):
    """The PDUs of a frame, put together from tshark's lists; a lone acknowledgement may have no function."""
    lists = {name: iter([int(v, 0) for v in of[name].split("|") if v])
             for name in ("rosctr", "function", "error_class", "user_type", "user_group")}
    rosctrs = list(lists["rosctr"])
    for rosctr in rosctrs:
        if rosctr == 7:
            yield "7 type %d group %d" % (next(lists["user_type"], -1), next(lists["user_group"], -1))
            continue
        function = None if rosctr == 2 and len(rosctrs) == 1 and not of["function"] else next(lists["function"], None)
        error = " error 0x%02x" % next(lists["error_class"], -1) if rosctr in (2, 3) else ""
        yield "%d %s%s" % (rosctr, "-" if function is None else "0x%02x" % function, error)


def theirs(path):
    command = ["tshark", "-r", path, "-Y", "s7comm", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|", "-e", "ip.src", "-e", "ip.dst"]
    for _, name, _ in FIELDS:
        command += ["-e", name]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")
    values = collections.defaultdict(collections.Counter)
    for line in run.stdout.splitlines():
        cells = line.split("\t")
        of = dict(zip((field for field, _, _ in FIELDS), cells[2:]))
        blocks = set(of["function"].split("|")) & BLOCKS
        values[cells[0], cells[1], PDU].update(pdus(of))
        for (field, _, make), cell in zip(FIELDS, cells[2:]):
            if cell and not (blocks and field in ("data", "file")):
                values[cells[0], cells[1], field].update(str(make(v)) for v in cell.split("|"))
    return values


S7COMM = Dialect("s7comm", ["s7comm"], ["real-snap7.pcap"], [name for name, _, _ in FIELDS], SCRIPT, theirs)

if __name__ == "__main__":
    main(S7COMM, __doc__)
