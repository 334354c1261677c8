#!/usr/bin/env python3
"""Compare what s7comm's events hold with what tshark reads in the same captures, field by field and value by value: see tshark_values.py."""
import collections
import datetime
import subprocess

from tshark_values import PDU, Dialect, main

# Our name of a field, tshark's, and what makes of its text what our event has.
HEX, DEC, TEXT, RAW = (lambda s: int(s, 0)), (lambda s: int(s, 0)), str, (lambda s: s.replace(":", ""))
DIGITS, TRIMMED = int, (lambda s: s.rstrip())


def time(text):
    """Seconds since 1970 of "Feb  8, 2016 23:08:10.264000000 UTC"; the headers of blocks have no zone."""
    whole, part = text.replace(" UTC", "").split(".")
    moment = datetime.datetime.strptime(whole, "%b %d, %Y %H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return "%d.%s" % (moment.timestamp(), part[:6].ljust(6, "0"))


def version(text):
    major, minor = text.split(".")
    return int(major) << 4 | int(minor)


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
    ("alarm_signals", "s7comm.alarm.eventstate", HEX),
    ("alarm_state", "s7comm.alarm.state", HEX),
    ("ack_going", "s7comm.alarm.ack_state.going", HEX),
    ("ack_coming", "s7comm.alarm.ack_state.coming", HEX),
    ("diagnostic", "s7comm.cpu.diag_msg.eventid", HEX),
    ("diagnostic_class", "s7comm.cpu.diag_msg.prioclass", DEC),
    ("diagnostic_ob", "s7comm.cpu.diag_msg.obnumber", DEC),
    ("diagnostic_info", "s7comm.cpu.diag_msg.info2", HEX),
    ("clock", "s7comm.data.ts", time),
    ("max_amq_calling", "s7comm.param.maxamq_calling", DEC),
    ("max_amq_called", "s7comm.param.maxamq_called", DEC),
    ("user_sequence", "s7comm.param.userdata.seq_num", DEC),
    ("data_unit", "s7comm.param.userdata.dataunitref", DEC),
    ("last_unit", "s7comm.param.userdata.lastdataunit", HEX),
    ("return_code", "s7comm.data.returncode", HEX),
    ("data_size", "s7comm.data.transportsize", HEX),
    ("szl_length", "s7comm.data.userdata.szl_id.partlist_len", DEC),
    ("szl_records", "s7comm.data.userdata.szl_id.partlist_cnt", DEC),
    ("status", "s7comm.param.blockcontrol.functionstatus", HEX),
    ("upload_id", "s7comm.data.blockcontrol.uploadid", HEX),
    ("block_number", "s7comm.data.blockcontrol.block_number", TEXT),
    ("load_memory", "s7comm.data.blockcontrol.loadmem_len", DIGITS),
    ("code_length", "s7comm.data.blockcontrol.mc7code_len", DIGITS),
    ("upload_length", "s7comm.param.blockcontrol.upl_lenstring", DIGITS),
    ("argument", "s7comm.param.pistart.argument", TEXT),
    ("info_flags", "s7comm.blockinfo.flags", HEX),
    ("info_flags", "s7comm.param.userdata.blockinfo.flags", HEX),
    ("info_language", "s7comm.blockinfo.block_lang", DEC),
    ("info_author", "s7comm.blockinfo.author", TRIMMED),
    ("info_family", "s7comm.blockinfo.family", TRIMMED),
    ("info_header", "s7comm.blockinfo.headername", TRIMMED),
    ("info_version", "s7comm.blockinfo.headerversion", version),
    ("info_checksum", "s7comm.blockinfo.checksum", HEX),
    ("info_load_memory", "s7comm.blockinfo.load_mem_len", DEC),
    ("info_code", "s7comm.blockinfo.mc7_len", DEC),
    ("info_interface", "s7comm.blockinfo.add_len", DEC),
    ("info_local", "s7comm.blockinfo.localdata_len", DEC),
    ("info_protection", "s7comm.blockinfo.blocksecurity", DEC),
    ("info_changed", "s7comm.blockinfo.code_timestamp", time),
    ("interface_changed", "s7comm.blockinfo.interface_timestamp", time),
    ("events", "s7comm.cpu.msg.events", HEX),
    ("user", "s7comm.cpu.msg.username", TRIMMED),
    ("mode", "s7comm.param.modetrans.subfunc", DEC),
    ("watch_db", "s7comm.varstat.req.db_number", DEC),
    ("watch_start", "s7comm.varstat.req.startaddress", DEC),
]
# tshark's data of a block is its content, which our events do not hold but as a hash; the blocks of a PI service are among its arguments.
NOT_IN = {"data": {"0x1b", "0x1e", "0x28"}, "file": {"0x28"}, "block_number": {"0x28"}, "status": {"0x28"}}
BLOCK_TYPES = {"08": "OB", "0A": "DB", "0B": "SDB", "0C": "FC", "0D": "SFC", "0E": "FB", "0F": "SFB"}

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
	put(e, "max_amq_calling", e.max_amq_calling)
	put(e, "max_amq_called", e.max_amq_called)
	put(e, "clock", e.clock)
	put(e, "events", e.session_events)
	if e.session_events then put(e, "user", e.user or "") end
	if user then
		put(e, "user_sequence", e.sequence)
		put(e, "data_unit", e.data_unit)
		if e.last_unit ~= nil then put(e, "last_unit", e.last_unit and 0 or 1) end
		put(e, "return_code", e:raw("return_code"))
		if e.function_code & 15 == 0 then put(e, "mode", e:raw("subfunction") & 255) end
	end
	if e.function_code == 0x28 then
		for word in (e.arguments or ""):gmatch("[^,]+") do put(e, "argument", word) end
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
	if access ~= "watch" and access ~= "modify" and e.syntax ~= "DBREAD" then put(e, "return_code", e:raw("return_code")) end
	local other = kind == "request" or e.syntax ~= "DBREAD" or not parts[e.number]
	if (access == "read" or access == "write") and other then put(e, "data_size", e:raw("data_transport")) end
	if kind == "request" and (access == "watch" or access == "modify") then
		put(e, "watch_db", e.db or 0)
		put(e, "watch_start", e.address)
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
		if not parts[e.number] then put(e, "return_code", 255) end -- without it there were no areas to tell
		parts[e.number] = (parts[e.number] or "") .. string.char(e:raw("return_code")) .. (e.data or "")
	elseif e.data then
		put(e, "data", hex(e.data))
	end
end)
on("s7comm.szl", function(e)
	if e.method == "Response" and e.return_code_name ~= "Success" then -- a refusal names no list: here it has that of its request
		return
	end
	put(e, "szl_id", e:raw("szl_id"))
	put(e, "szl_index", e:raw("szl_index"))
	put(e, "szl_length", e.record_length)
	put(e, "szl_records", e.records)
end)
on("s7comm.block", function(e)
	put(e, "file", e.filename)
	put(e, "block_number", e.block_number)
	put(e, "status", e.function_status or e.more ~= nil and (e.more and 1 or 0) or nil)
	if e.function_name:find("Upload") then put(e, "upload_id", e.session_id) end
	put(e, "load_memory", e.load_memory)
	put(e, "code_length", e.mc7_length)
	if e.function_name == "Start Upload" and e:raw("rosctr") == 3 then put(e, "upload_length", e.blocklength) end
end)
on("s7comm.block_info", function(e)
	put(e, "info_number", e.number)
	put(e, "info_count", e.count)
	put(e, "info_flags", e.flags)
	put(e, "info_language", e:raw("language"))
	put(e, "info_author", e.author ~= "" and e.author or nil)
	put(e, "info_family", e.family ~= "" and e.family or nil)
	put(e, "info_header", e.header ~= "" and e.header or nil)
	put(e, "info_version", e.version)
	put(e, "info_checksum", e.checksum)
	put(e, "info_load_memory", e.load_memory)
	put(e, "info_code", e.mc7_length)
	put(e, "info_interface", e.interface_length)
	put(e, "info_local", e.local_length)
	put(e, "info_protection", e.protection)
	put(e, "info_changed", e.code_changed)
	put(e, "interface_changed", e.interface_changed)
end)
on("s7comm.alarm", function(e)
	put(e, "alarm_signals", e.event_state)
	put(e, "alarm_state", e.state)
	put(e, "ack_going", e.ack_going)
	put(e, "ack_coming", e.ack_coming)
	put(e, "diagnostic_class", e.priority)
	put(e, "diagnostic_ob", e.ob_number)
	put(e, "diagnostic_info", e.event_class and e.info)
	put(e, "clock", e.clock)
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
        functions, rosctrs = set(of["function"].split("|")), set(of["rosctr"].split("|"))
        if rosctrs == {"1"}:  # a reserved byte in what is written
            of["return_code"] = ""
        if "7" in rosctrs:  # only the first is a data unit's, but for cyclic data
            of["data_size"] = ""
            of["return_code"] = of["return_code"].split("|")[0] if of["user_group"] != "2" else of["return_code"]
        if "0x28" in functions:
            values[cells[0], cells[1], "argument"].update(BLOCK_TYPES[name[:2]] + str(int(name[2:7])) for name in of["file"].split("|") if name)
        values[cells[0], cells[1], PDU].update(pdus(of))
        for (field, _, make), cell in zip(FIELDS, cells[2:]):
            cell = of[field] if field in ("return_code", "data_size") else cell
            if cell and not functions & NOT_IN.get(field, set()):
                values[cells[0], cells[1], field].update(str(make(v)) for v in cell.split("|") if make(v) != "")
    return values


S7COMM = Dialect("s7comm", ["s7comm"], ["real-snap7.pcap", "real-nodes7.pcap"], [name for name, _, _ in FIELDS], SCRIPT, theirs)

if __name__ == "__main__":
    main(S7COMM, __doc__)
