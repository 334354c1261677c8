-- BACnet: every service and every type of APDU, of the link and the network layer, over IPv4, IPv6 and Ethernet, behind routers, in
-- segments.

local bacnet = require "bacnet"
local world = require "world"

local w = ...
w:title "BACnet: all services, errors, segments, routers, foreign devices, files, alarms; a stranger silences and restarts controllers"
w:duration "60s"

local console = w:host { name = "console", role = "hmi", ip = "10.6.0.20", vendor = "dell", os = "windows" }
local ahu = w:host { name = "ahu", role = "plc", ip = "10.6.0.11", vendor = "siemens" }
local router = w:host { name = "bacnet-router", role = "plc", ip = "10.6.0.12", vendor = "siemens" }
local bbmd = w:host { name = "bbmd", role = "plc", ip = "10.6.0.13", vendor = "siemens" }
local foreign = w:host { name = "foreign", role = "hmi", ip = "10.6.0.40", vendor = "dell" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.6.0.99", vendor = "raspberry_pi", os = "linux" }
local everybody = world.group "10.6.0.255"

local C, U, V, apdu = bacnet.confirmed, bacnet.unconfirmed, bacnet.value, bacnet.apdu
local done, with, refused, property = bacnet.done, bacnet.with, bacnet.refused, bacnet.property

local function tell(from, to, bytes, o) bacnet.say(w, from, to, bytes, o) end
local function all(from, bytes, o)
  o = o or {}
  o.link = o.link or "broadcast"
  tell(from, everybody, bytes, o)
  w:sleep(0.01)
end

-- Discovery.
w:at(1, function()
  all(console, apdu.unconfirmed(U.who_is()))
  all(ahu, apdu.unconfirmed(U.i_am(1001, 7)))
  all(router, apdu.unconfirmed(U.i_am(2000, 24)))
  all(router, apdu.unconfirmed(U.i_am(2010, 35)), { from = { 2001, "\x0a" } })
  all(console, apdu.unconfirmed(U.who_is(1000, 1999)))
  tell(ahu, console, apdu.unconfirmed(U.i_am(1001, 7)))
  all(console, apdu.unconfirmed(U.who_has("AHU-1", 1000, 1999)))
  all(ahu, apdu.unconfirmed(U.i_have(1001, "device", 1001, "AHU-1")))
  all(console, apdu.unconfirmed(U.who_has_object("analog_input", 3)))
  all(ahu, apdu.unconfirmed(U.i_have(1001, "analog_input", 3, "Supply air")))
  all(bbmd, apdu.unconfirmed(U.who_am_i(24, "RTU-9", "SN-0042")))
  all(console, apdu.unconfirmed(U.you_are(24, "RTU-9", "SN-0042", 1009)))
end)

-- Properties of every type.
w:at(3, function()
  local link = bacnet.connect(w, { client = console, server = ahu })
  local function read(kind, instance, name, v, index)
    local service, content = C.read_property(kind, instance, name, index)
    link:ask(service, content, property(kind, instance, name, v, index))
  end
  read("device", 1001, "object_identifier", V.object("device", 1001))
  read("device", 1001, "object_name", V.text "AHU-1")
  read("device", 1001, "vendor_name", V.text "Siemens")
  read("device", 1001, "vendor_identifier", V.unsigned(7))
  read("device", 1001, "model_name", V.text("\0P\0X\0C\0-\0005", 4))
  read("device", 1001, "firmware_revision", V.text "FW 4.1")
  read("device", 1001, "application_software_version", V.text "APP 2.7")
  read("device", 1001, "description", V.text("L\xfcftung", 5))
  read("device", 1001, "location", V.text "Roof")
  read("device", 1001, "serial_number", V.text "PXC5-00017")
  read("device", 1001, "protocol_revision", V.unsigned(19))
  read("device", 1001, "system_status", V.enumerated(0))
  read("device", 1001, "object_list", V.unsigned(4), 0)
  read("device", 1001, "object_list", V.object("device", 1001) .. V.object("analog_input", 3) .. V.object("binary_output", 1)
    .. V.object("file", 5))
  read("device", 1001, "local_time", V.time(8, 0, 5, 25))
  read("device", 1001, "list_of_keys", V.octets "secretkey")
  for i = 1, 3 do read("analog_input", 3, "present_value", V.real(20.5 + i / 8)) end
  read("analog_input", 3, "units", V.enumerated(62))
  read("analog_input", 3, "status_flags", V.bits "FTFF")
  read("analog_input", 3, "event_state", V.enumerated(3))
  read("analog_value", 4, "present_value", V.double(-1.25))
  read("analog_value", 4, "vendors_own", V.signed(-300))
  read("binary_output", 1, "priority_array", V.null() .. V.null() .. V.enumerated(1) .. V.null())
  read("binary_output", 1, "out_of_service", V.boolean(false))
  read("schedule", 1, "weekly_schedule", bacnet.inside(0, V.time(7, 0, 0) .. V.real(21) .. V.time(18, 0, 0) .. V.null())
    .. bacnet.inside(0, ""))
  local service, content = C.read_property("analog_input", 99, "present_value")
  link:ask(service, content, refused(1, 31))
  link:ask(service, content, bacnet.rejected(9))
  link:ask(service, content, bacnet.aborted(4))
  link:ask(service, content)
  service, content = C.read_property_multiple { { "analog_input", 3, { "present_value", "units" } }, { "device", 1001, { "all" } } }
  link:ask(service, content, with(bacnet.object_at(0, "analog_input", 3)
    .. bacnet.inside(1, bacnet.property_at(2, "present_value") .. bacnet.inside(4, V.real(21))
      .. bacnet.property_at(2, "units") .. bacnet.inside(5, V.enumerated(2) .. V.enumerated(32)))
    .. bacnet.object_at(0, "device", 1001)
    .. bacnet.inside(1, bacnet.property_at(2, "model_name") .. bacnet.inside(4, V.text "PXC-5"))))
  service, content = C.read_range("trend_log", 2, "log_buffer", 10)
  link:ask(service, content, with(bacnet.object_at(0, "trend_log", 2) .. bacnet.property_at(1, "log_buffer") .. bacnet.at(3, "\5\xe0")
    .. bacnet.number_at(4, 1) .. bacnet.inside(5, bacnet.inside(0, V.date(2024, 5, 13) .. V.time(7, 0, 0)) .. bacnet.inside(1,
      bacnet.at(2, "AAAA")))))
end)

-- Writing: values, settings, the clock, out of service, a program, lists, objects.
w:at(6, function()
  local link = bacnet.connect(w, { client = console, server = ahu, first = 60 })
  link:ask(15, select(2, C.write_property("analog_value", 4, "present_value", V.real(22.5), 8)), done)
  link:ask(15, select(2, C.write_property("analog_value", 4, "present_value", V.null(), 8)), done)
  link:ask(15, select(2, C.write_property("device", 1001, "object_name", V.text "AHU-1A")), done)
  link:ask(15, select(2, C.write_property("device", 1001, "local_time", V.time(9, 0, 0))), refused(2, 40))
  link:ask(15, select(2, C.write_property("analog_input", 3, "out_of_service", V.boolean(true))), done)
  link:ask(15, select(2, C.write_property("program", 1, "program_change", V.enumerated(3))), done)
  link:ask(16, select(2, C.write_property_multiple { { "analog_value", 4, "present_value", V.real(23), 8 },
    { "binary_output", 1, "present_value", V.enumerated(1), 8 } }), done)
  link:ask(16, select(2, C.write_property_multiple { { "analog_value", 4, "present_value", V.real(23), 8 } }), refused(2, 37, true))
  link:ask(8, select(2, C.add_list_element("device", 1001, "recipient_list", V.unsigned(9))), done)
  link:ask(9, select(2, C.remove_list_element("device", 1001, "recipient_list", V.unsigned(9))), refused(5, 81, true))
  link:ask(10, select(2, C.create_object("analog_value", bacnet.property_at(0, "object_name") .. bacnet.inside(2, V.text "New"))),
    with(V.object("analog_value", 77)))
  link:ask(11, select(2, C.delete_object("analog_value", 77)), done)
end)

-- Alarms, subscriptions, messages, terminals, life safety, private services.
w:at(9, function()
  local link = bacnet.connect(w, { client = console, server = ahu, first = 90 })
  local back = bacnet.connect(w, { client = ahu, server = console, first = 10 })
  link:ask(5, select(2, C.subscribe_cov("analog_input", 3, 300)), done)
  link:ask(28, select(2, C.subscribe_cov_property("analog_input", 3, "present_value")), done)
  link:ask(30, select(2, C.subscribe_cov_property_multiple("analog_input", 3, "present_value")), done)
  local changed = bacnet.property_at(0, "present_value") .. bacnet.inside(2, V.real(24)) .. bacnet.property_at(0, "status_flags")
    .. bacnet.inside(2, V.bits "FFFF")
  back:ask(1, select(2, C.cov_notification(18, 1001, "analog_input", 3, 290, changed)), done)
  tell(ahu, console, apdu.unconfirmed(U.cov_notification(0, 1001, "analog_input", 3, 0, changed)))
  back:ask(31, select(2, C.cov_notification_multiple(1001, "analog_input", 3, V.real(25))), done)
  tell(ahu, console, apdu.unconfirmed(U.cov_notification_multiple(1001, "analog_input", 3, V.real(26))))
  back:ask(2, select(2, C.event_notification(1001, "analog_input", 3, 0, 3, "Supply air too hot")), done)
  all(ahu, apdu.unconfirmed(U.event_notification(1001, "analog_input", 3, 3, 0, "Supply air normal")))
  link:ask(0, select(2, C.acknowledge_alarm("analog_input", 3, "ann")), done)
  link:ask(3, "", with(V.object("analog_input", 3) .. V.enumerated(3) .. V.bits "FTT"))
  link:ask(4, select(2, C.get_enrollment_summary()), with "")
  link:ask(29, "", with(bacnet.inside(0, bacnet.object_at(0, "analog_input", 3) .. bacnet.number_at(1, 3) .. bacnet.at(2, "\5\x60")
    .. bacnet.inside(3, bacnet.at(0, "\8\0\0\0") .. bacnet.at(0, "\8\0\0\0") .. bacnet.at(0, "\8\0\0\0")) .. bacnet.number_at(4, 0)
    .. bacnet.at(5, "\5\xe0") .. bacnet.inside(6, V.unsigned(1) .. V.unsigned(2) .. V.unsigned(3))) .. bacnet.number_at(1, 0)))
  link:ask(5, select(2, C.subscribe_cov("analog_input", 3)), done)
  link:ask(18, select(2, C.private_transfer(7, 21)), with(bacnet.number_at(0, 7) .. bacnet.number_at(1, 21)))
  tell(console, ahu, apdu.unconfirmed(U.private_transfer(260, 3)))
  link:ask(19, select(2, C.text_message(4000, "Filter change due")), done)
  all(console, apdu.unconfirmed(U.text_message(4000, "Fire drill at ten")))
  link:ask(21, select(2, C.vt_open()), with(V.unsigned(9)))
  link:ask(23, select(2, C.vt_data "login secret"), with(bacnet.number_at(0, 1)))
  link:ask(22, select(2, C.vt_close()), done)
  link:ask(27, select(2, C.life_safety_operation(1, "life_safety_point", 2)), done)
  all(console, apdu.unconfirmed(U.time_synchronization()))
  all(console, apdu.unconfirmed(U.utc_time_synchronization()))
  all(console, apdu.unconfirmed(U.write_group(5, V.real(1))))
  link:ask(24, bacnet.number_at(0, 1), refused(4, 28))
  link:ask(25, bacnet.number_at(0, 1), refused(4, 28))
  link:ask(13, "", bacnet.rejected(9))
  link:ask(33, "", bacnet.rejected(9))
  link:ask(99, "\x21\1", bacnet.rejected(9))
  tell(console, ahu, apdu.unconfirmed(99, "\x21\1"))
end)

-- Files: a backup, a file written, one refused, one by records.
w:at(13, function()
  local link = bacnet.connect(w, { client = console, server = ahu, first = 120 })
  local text = ("setpoint 21.5\n"):rep(40)
  link:ask(20, select(2, C.reinitialize_device("start_backup", "filister")), done)
  for first = 0, #text - 1, 200 do
    local part = text:sub(first + 1, first + 200)
    link:ask(6, select(2, C.atomic_read_file(5, first, 200)),
      with(V.boolean(first + 200 >= #text) .. bacnet.inside(0, V.signed(first) .. V.octets(part))))
  end
  link:ask(20, select(2, C.reinitialize_device("end_backup", "filister")), done)
  for first = 0, #text - 1, 200 do
    link:ask(7, select(2, C.atomic_write_file(6, first, text:sub(first + 1, first + 200))), with(bacnet.at(0, "\0")))
  end
  link:ask(7, select(2, C.atomic_write_file(7, 0, "nothing")), refused(5, 5))
  link:ask(7, select(2, C.write_records(8, 0, { "first", "second" })), with(bacnet.at(1, "\0")))
  link:ask(6, select(2, C.read_records(8, 0, 2)), with(V.boolean(true) .. bacnet.inside(1, V.signed(0) .. V.unsigned(2)
    .. V.octets "first"
    .. V.octets "second")))
  for _, state in ipairs { "start_restore", "end_restore", "abort_restore", "activate_changes" } do
    link:ask(20, select(2, C.reinitialize_device(state)), refused(4, 26))
  end
end)

-- Segments: a long answer, a long request, more than 256 of them, one lost on either side, a negative acknowledgement, the client
-- gives up.
w:at(17, function()
  local link = bacnet.connect(w, { client = console, server = ahu, first = 160 })
  local list = {}
  for i = 1, 120 do list[i] = V.object("analog_input", i) end
  local answer = bacnet.object_at(0, "device", 1001) .. bacnet.property_at(1, "object_list") .. bacnet.inside(3, table.concat(list))
  local service, content = C.read_property("device", 1001, "object_list")
  link:answer_long(service, content, answer, { size = 120 })
  link:answer_long(service, content, answer, { size = 2 })
  link:answer_long(service, content, answer, { size = 120, lost = 2 })
  local many = {}
  for i = 1, 30 do many[i] = { "analog_value", i, "present_value", V.real(i), 8 } end
  service, content = C.write_property_multiple(many)
  link:ask_long(service, content, done, { size = 100 })
  link:ask_long(service, content, done, { size = 100, lost = 1 })
  link:say(false, apdu.segment_ack(7, 3, true, true))
  service, content = C.read_property("analog_input", 3, "present_value")
  link:ask(service, content)
  link:say(true, apdu.abort(link.id, 0))
  w:sleep(0.1)
  link:say(false, apdu.complex_ack(3, 12, answer:sub(1, 200), { more = true, number = 5 })) -- joined within
end)

-- Behind a router, and a client behind one.
w:at(21, function()
  local own, other = 0, { 2001, "\x0a" }
  bacnet.send(w, console, everybody, bacnet.bvlc("broadcast", bacnet.npdu("", { message = 0 })))
  bacnet.send(w, router, everybody, bacnet.bvlc("broadcast", bacnet.npdu(bacnet.networks(2001, 2002), { message = 1 })))
  bacnet.send(w, console, everybody, bacnet.bvlc("broadcast", bacnet.npdu(bacnet.networks(2001), { message = 0 })))
  bacnet.send(w, router, everybody, bacnet.bvlc("broadcast", bacnet.npdu("\7\xd3\5", { message = 2 })))
  bacnet.send(w, router, console, bacnet.bvlc("unicast", bacnet.npdu("\1\7\xd9", { message = 3 })))
  bacnet.send(w, router, everybody, bacnet.bvlc("broadcast", bacnet.npdu(bacnet.networks(2002), { message = 4 })))
  bacnet.send(w, router, everybody, bacnet.bvlc("broadcast", bacnet.npdu(bacnet.networks(2002), { message = 5 })))
  bacnet.send(w, console, router, bacnet.bvlc("unicast", bacnet.npdu("\0", { message = 6 })))
  bacnet.send(w, router, console, bacnet.bvlc("unicast", bacnet.npdu("\2\7\xd1\1\0\7\xd2\2\1X", { message = 7 })))
  bacnet.send(w, stranger, router, bacnet.bvlc("unicast", bacnet.npdu("\1\7\xd1\0\0", { message = 6 })))
  bacnet.send(w, router, stranger, bacnet.bvlc("unicast", bacnet.npdu("", { message = 7 })))
  bacnet.send(w, console, router, bacnet.bvlc("unicast", bacnet.npdu("\7\xd3\5", { message = 8 })))
  bacnet.send(w, console, router, bacnet.bvlc("unicast", bacnet.npdu("\7\xd3", { message = 9 })))
  bacnet.send(w, console, everybody, bacnet.bvlc("broadcast", bacnet.npdu("", { message = 0x12 })))
  bacnet.send(w, router, everybody, bacnet.bvlc("broadcast", bacnet.npdu("\0\1\1", { message = 0x13 })))
  bacnet.send(w, console, router, bacnet.bvlc("unicast", bacnet.npdu("\0\7data", { message = 0x80 })))
  local link = bacnet.connect(w, { client = console, server = router, behind = other, first = own })
  link:ask(12, select(2, C.read_property("device", 2010, "model_name")), property("device", 2010, "model_name", V.text "VAV-3"))
  link:ask(15, select(2, C.write_property("analog_value", 1, "present_value", V.real(19))), done)
  local two = bacnet.connect(w, { client = console, server = router, behind = { 2001, "\x0b" }, first = own })
  two:ask(12, select(2, C.read_property("device", 2011, "serial_number")), property("device", 2011, "serial_number", V.text "V-11"))
  local far = bacnet.connect(w, { client = router, server = ahu, before = { 2002, "\x0a\x06\x02\x05\xba\xc0" }, first = 30 })
  far:ask(12, select(2, C.read_property("analog_input", 3, "present_value")), property("analog_input", 3, "present_value", V.real(21)))
  all(console, apdu.unconfirmed(U.who_is()), { to = { 65535, "" } })
end)

-- Broadcast management and foreign devices.
w:at(25, function()
  local function ask(from, name, content) bacnet.send(w, from, bbmd, bacnet.bvlc(name, content)); w:sleep(0.01) end
  local function answer(to, name, content) bacnet.send(w, bbmd, to, bacnet.bvlc(name, content)); w:sleep(0.01) end
  local entry = bacnet.address(bbmd) .. "\xff\xff\xff\xff"
  ask(foreign, "register", "\0\x3c")
  answer(foreign, "result", "\0\0")
  tell(foreign, bbmd, apdu.unconfirmed(U.who_is()), { link = "distribute" })
  all(bbmd, apdu.unconfirmed(U.who_is()), { link = "forwarded", origin = bacnet.address(foreign) })
  tell(bbmd, foreign, apdu.unconfirmed(U.i_am(1001, 7)), { link = "forwarded", origin = bacnet.address(ahu) })
  ask(console, "read_bdt", "")
  answer(console, "read_bdt_ack", entry .. bacnet.address(router) .. "\xff\xff\xff\0")
  ask(console, "read_fdt", "")
  answer(console, "read_fdt_ack", bacnet.address(foreign) .. "\0\x3c\0\x55")
  ask(console, "delete_fdt", bacnet.address(foreign))
  answer(console, "result", "\0\x50")
  ask(stranger, "write_bdt", entry .. bacnet.address(stranger) .. "\xff\xff\xff\xff")
  answer(stranger, "result", "\0\x10")
  ask(console, "secure", ("\xaa"):rep(12))
  ask(console, "read_fdt", "")
end)

-- Over IPv6 and over Ethernet, and on another port.
w:at(29, function()
  local six = w:host { name = "six", ip6 = "fd00:6::11", mac = ahu.mac }
  local pc = w:host { name = "pc", ip6 = "fd00:6::20", mac = console.mac }
  local function say(from, to, number, content, kind)
    bacnet.send(w, from, to, bacnet.bvlc6(number, content), { kind = kind })
    w:sleep(0.01)
  end
  local a, b = "\0\3\xe9", "\0\x0f\xa0"
  local far = ("\xfd\0\0\6" .. ("\0"):rep(11) .. "\x33\xba\xc0")
  say(pc, six, 1, b .. a .. bacnet.npdu(apdu.confirmed(1, C.read_property("analog_input", 3, "present_value")), { reply = true }),
    "confirmed")
  say(six, pc, 1, a .. b .. bacnet.npdu(property("analog_input", 3, "present_value", V.real(20))(1, 12)), "complex_ack")
  say(pc, six, 2, b .. bacnet.npdu(apdu.unconfirmed(U.who_is())), "unconfirmed")
  say(pc, six, 3, b .. a)
  say(pc, six, 4, b .. a .. far)
  say(six, pc, 5, a .. b)
  say(pc, six, 6, b)
  say(six, pc, 7, a .. b)
  say(six, pc, 8, "\0\0\x33" .. far .. bacnet.npdu(apdu.unconfirmed(U.i_am(51, 8))), "unconfirmed")
  say(pc, six, 9, b .. "\0\x3c")
  say(six, pc, 0, a .. "\0\x90")
  say(pc, six, 10, b .. far)
  say(six, pc, 0, a .. "\0\0")
  say(pc, six, 11, b .. "\1\2\3")
  say(pc, six, 12, b .. bacnet.npdu(apdu.unconfirmed(U.who_is(1, 2))), "unconfirmed")
  tell(console, ahu, apdu.unconfirmed(U.who_is()), { ethernet = true })
  local link = bacnet.connect(w, { client = console, server = ahu, ethernet = true })
  link:ask(12, select(2, C.read_property("analog_input", 3, "present_value")), property("analog_input", 3, "present_value", V.real(21.5)))
  local odd = bacnet.connect(w, { client = console, server = ahu, port = 50000, sport = 50123, first = 200 })
  for _ = 1, 2 do
    odd:ask(12, select(2, C.read_property("analog_input", 3, "present_value")), property("analog_input", 3, "present_value",
      V.real(21.5)))
  end
end)

-- Answers without their requests, messages that lie.
w:at(33, function()
  local link = bacnet.connect(w, { client = foreign, server = ahu, first = 0 })
  link:say(false, property("analog_input", 3, "present_value", V.real(1))(9, 12))
  link:say(false, done(10, 15))
  link:say(false, apdu.error(11, 15, 2, 40))
  link:say(false, apdu.reject(12, 1))
  link:say(false, done(13, 20))
  local function raw(bytes, kind)
    bacnet.send(w, stranger, bbmd, bytes, { sport = 47999, kind = kind })
    w:sleep(0.01)
  end
  local fine = bacnet.npdu(apdu.unconfirmed(U.who_is()))
  raw("\x81\x0a\0\x04" .. fine) -- too short a length
  raw("\x81\x0a\0\xff" .. fine, "unconfirmed") -- too long a one
  raw("\x81\x0b\0\x0c\2\x20\xff\xff\0\xff\x10\8", "unconfirmed") -- version 2
  raw(bacnet.bvlc("unicast", "\1\4\xf0\1\2")) -- no such type of APDU
  raw(bacnet.bvlc("unicast", bacnet.npdu "\0\5\1\x0c\x0c\2"), "confirmed") -- tag cut off
  raw(bacnet.bvlc("unicast", bacnet.npdu "\0\5\1\x0f\x0c\2\0\0\1\x19\x55\x3e\x44\0\0\0\0"), "confirmed") -- bracket not closed
  raw(bacnet.bvlc("unicast", bacnet.npdu("\0\5\1\x0f" .. ("\x0e"):rep(40) .. ("\x0f"):rep(40))), "confirmed") -- too deep
  raw(bacnet.bvlc("unicast", bacnet.npdu "\0\5\1\x0f\x21\1\x21\2"), "confirmed") -- not what the service has
  raw(bacnet.bvlc("read_bdt_ack", "\1\2\3"))
end)

-- A stranger: passwords are guessed, a controller is silenced and restarted.
w:at(40, function()
  local link = bacnet.connect(w, { client = stranger, server = ahu, sport = 48123 })
  w:attack("bacnet-control", stranger, ahu, { what = "device communication disabled, restarts" })
  for i = 1, 3 do link:ask(20, select(2, C.reinitialize_device("coldstart", "guess" .. i)), refused(4, 26)) end
  link:ask(17, select(2, C.device_communication_control("disable_initiation", nil, "filister")), done)
  link:ask(17, select(2, C.device_communication_control("disable", 5, "filister")), done)
  w:sleep(2)
  link:ask(17, select(2, C.device_communication_control("enable", nil, "filister")), done)
  link:ask(20, select(2, C.reinitialize_device("coldstart", "filister")), done)
  link:ask(20, select(2, C.reinitialize_device("warmstart", "filister")), done)
end)
