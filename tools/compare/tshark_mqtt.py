#!/usr/bin/env python3
"""Compare what mqtt's events hold with what tshark reads, field by field and value by value: see tshark_values.py."""
import collections

from oracle_it import names
from tshark_values import PDU, Dialect, frames, main

TABLES = "analyzers/mqtt/mqtt_tables.c"
CODES = {number: name for name, number in names(TABLES, "return_rows").items()}
REASONS = {number: name for name, number in names(TABLES, "reason_rows").items()}
QOS = {number: name for name, number in names(TABLES, "qos_rows").items()}
VERSIONS = {number: name for name, number in names(TABLES, "version_rows").items()}
CONNECT, CONNACK, PUBLISH, SUBSCRIBE, SUBACK, UNSUBSCRIBE, DISCONNECT = 1, 2, 3, 8, 9, 10, 14
ASSIGNED = 0x12
WILL, PASSWORD = "mqtt.conflag.willflag", "mqtt.conflag.passwd"

TEXTS = {"mqtt.protoname": "protocol", "mqtt.clientid": "client", "mqtt.username": "user", "mqtt.willtopic": "will_topic"}

# A message, a subscription and a connection are told at their answer: the direction is that of the question.
SCRIPT = r'''
local client = {} -- of each connection, whether it is the originator
local function told(e, from_client, field, value)
	local by_orig = (client[e.uid] ~= false) == from_client
	local to = { orig_h = e.orig_h, resp_h = e.resp_h, is_orig = by_orig }
	put(to, field, value)
end
local function yes(b) return b and 1 or 0 end
on("mqtt.message", function(e)
	client[e.uid] = e.is_orig == e.from_client
	put(e, "pdu", e:raw("type"))
	put(e, "length", e.length)
end)
on("mqtt.connect", function(e)
	told(e, false, "status", e.connect_status)
	if not e.proto_name then return end
	for field, value in pairs { protocol = e.proto_name, version = e.proto_version, client = e.client_id, user = e.user, will_topic = e.will_topic,
		keep_alive = e:raw("keep_alive"), clean = yes(e.clean), has_password = yes(e.password), has_will = yes(e.will_qos ~= nil) } do
		if value ~= "" then told(e, true, field, value) end
	end
end)
on("mqtt.publish", function(e)
	told(e, e.from_client, "topic", e.topic)
	told(e, e.from_client, "qos", e.qos)
	told(e, e.from_client, "retain", yes(e.retain))
	told(e, e.from_client, "dup", yes(e.dup))
	told(e, e.from_client, "payload", e.payload_len)
end)
on("mqtt.subscribe", function(e)
	for _, topic in ipairs(e.topics) do told(e, true, "filter", topic) end
	for _, qos in ipairs(e.qos_levels or {}) do told(e, true, "asked", qos) end
	told(e, false, "granted", e.granted_qos_level)
end)
on("mqtt.disconnect", function(e) put(e, "reason", e.reason) end)
'''


def messages(fields):
    """The fields of each control packet of a frame."""
    every = []
    for f in fields:
        if f.name == "mqtt" and f.proto:
            every.append([])
        elif every and f.name.startswith("mqtt."):
            every[-1].append(f)
    return every


def payload(fields):
    return sum(len(f.value) // 2 for f in fields if f.name == "mqtt.msg" and f.value)


def true(shown):
    return "1" if shown in ("1", "True") else "0"


def connect(put, first):
    for name, field in TEXTS.items():
        if first.get(name):
            put(field, first[name])
    put("version", VERSIONS.get(int(first["mqtt.ver"], 0), first["mqtt.ver"]))
    put("keep_alive", first["mqtt.kalive"])
    put("clean", true(first["mqtt.conflag.cleansess"]))
    put("has_password", true(first[PASSWORD]))
    put("has_will", true(first[WILL]))


def assigned(fields):
    """The identifier that a broker gives, which follows the number of its property."""
    for number, text in zip(fields, fields[2:]):
        if number.name == "mqtt.property_id" and number.number() == ASSIGNED:
            return text.show
    return None


def connack(put, first, fields):
    if assigned(fields):
        put("client", assigned(fields), back=True)
    if "mqtt.connack.reason_code" in first:
        code = int(first["mqtt.connack.reason_code"], 0)
        put("status", REASONS[code] if code else CODES[0])
    elif "mqtt.conack.val" in first:
        put("status", CODES.get(int(first["mqtt.conack.val"], 0), first["mqtt.conack.val"]))


def publish(put, first, fields):
    if first.get("mqtt.topic"):
        put("topic", first["mqtt.topic"])
    put("qos", QOS[int(first["mqtt.qos"], 0)])
    put("retain", true(first["mqtt.retain"]))
    put("dup", true(first["mqtt.dupflag"]))
    put("payload", str(payload(fields)))


def subscriptions(put, fields):
    for f in fields:
        if f.name == "mqtt.topic":
            put("filter", f.show)
        elif f.name in ("mqtt.sub.qos", "mqtt.subscription_options_qos"):
            put("asked", f.show)


def message(put, fields):
    first = {}
    for f in fields:
        first.setdefault(f.name, f.show)
    if "mqtt.msgtype" not in first:
        return
    kind = int(first["mqtt.msgtype"], 0)
    put(PDU, str(kind))
    put("length", first["mqtt.len"])
    if kind == CONNECT:
        connect(put, first)
    elif kind == CONNACK:
        connack(put, first, fields)
    elif kind == PUBLISH:
        publish(put, first, fields)
    elif kind in (SUBSCRIBE, UNSUBSCRIBE):
        subscriptions(put, fields)
    elif kind == SUBACK:
        put("granted", str(int(first.get("mqtt.suback.qos") or first["mqtt.suback.reason_code"], 0)))
    elif kind == DISCONNECT:
        put("reason", REASONS[int(first.get("mqtt.disconnect.reason_code", "0"), 0)])


def theirs(path):
    values = collections.defaultdict(collections.Counter)
    for src, dst, fields in frames(path, "mqtt", ["-d", "tcp.port==8899,mqtt"]):
        for one in messages(fields):
            message(lambda field, value, back=False, ends=(src, dst): values[(ends[::-1] if back else ends) + (field,)].update([value]), one)
    return values


MQTT = Dialect("mqtt", ["mqtt"], ["real-mqtt.pcap"], ["length", "protocol", "version", "client", "user", "will_topic", "keep_alive", "clean",
               "has_password", "has_will", "status", "topic", "qos", "retain", "dup", "payload", "filter", "asked", "granted", "reason"], SCRIPT, theirs)

if __name__ == "__main__":
    main(MQTT, __doc__)
