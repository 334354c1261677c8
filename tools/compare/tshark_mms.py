#!/usr/bin/env python3
"""Compare what mms's events hold with what tshark reads, field by field and value by value: see tshark_values.py."""
import collections
import html
import re
import struct

from oracle_it import names
from tshark_values import PDU, Dialect, frames, main

FAILURES = {number: name for name, number in names("analyzers/mms/mms_tables.c", "access_errors_rows").items()}
KINDS = {"confirmed_RequestPDU": 0, "confirmed_ResponsePDU": 1, "confirmed_ErrorPDU": 2, "unconfirmed_PDU": 3, "rejectPDU": 4, "cancel_RequestPDU": 5,
         "cancel_ResponsePDU": 6, "cancel_ErrorPDU": 7, "initiate_RequestPDU": 8, "initiate_ResponsePDU": 9, "initiate_ErrorPDU": 10,
         "conclude_RequestPDU": 11, "conclude_ResponsePDU": 12, "conclude_ErrorPDU": 13}
REQUEST, RESPONSE, UNCONFIRMED = 0, 1, 3
NAME_LIST, READ, WRITE, DELETE_LISTS, FILE_DIRECTORY, REPORT = 1, 4, 5, 13, 77, 100
PIECES = (27, 30, 73)  # segments and pieces of files, of which more follow when nothing is said
SERVICES = {"confirmedServiceRequest": 0, "confirmedServiceResponse": 0, "unconfirmedService": 100}
# Joined late, tshark knows by this what the presentation context is for. Without session around it, conclude is data.
CONTEXT = 'uat:pres_context_list:"3","1.0.9506.2.1"'
CONCLUDE = {"8b00": "11 -", "8c00": "12 -"}
TEXT = 480  # as much of a text as the analyzer keeps

# tshark's fields, and what we call them. Of texts only what is ASCII is compared.
NUMBERS = {"invokeID": "invoke_id", "originalInvokeID": "invoke_id", "localDetailCalling": "max_pdu_size", "localDetailCalled": "max_pdu_size",
           "proposedMaxServOutstandingCalling": "max_calling", "negociatedMaxServOutstandingCalling": "max_calling",
           "proposedMaxServOutstandingCalled": "max_called", "negociatedMaxServOutstandingCalled": "max_called",
           "proposedDataStructureNestingLevel": "nesting", "negociatedDataStructureNestingLevel": "nesting",
           "proposedVersionNumber": "version", "negociatedVersionNumber": "version", "vmdLogicalStatus": "logical_status",
           "vmdPhysicalStatus": "physical_status", "errorClass": "error_class", "rejectReason": "reject_type", "objectClass": "object_class",
           "extendedObjectClass": None, "initialPosition": "file_position", "sizeOfFile": "file_size", "moreFollows": "more_follows",
           "frsmID": "handle", "fileRead": "handle", "fileClose": "handle", "ulsmID": "handle", "uploadSegment": "handle", "terminateUploadSequence": "handle"}
TEXTS = {"vendorName": "vendor", "modelName": "model", "revision": "revision", "getNameList-Request_continueAfter": "continue_after"}
BITS = {"proposedParameterCBB": "parameter_cbb", "negociatedParameterCBB": "parameter_cbb", "servicesSupportedCalling": "services_supported",
        "servicesSupportedCalled": "services_supported"}
IDENTIFIERS = {"domainName", "downloadSegment", "initiateUploadSequence", "deleteDomain", "terminateDownloadSequence", "programInvocationName",
               "deleteProgramInvocation", "domainSpecific", "vmd_specific", "aa_specific"}

SCRIPT = r'''
local function ascii(s) return s and (s:gsub("[^\x20-\x7e]+", "?")) end
on("mms.pdu", function(e)
	local kind, service = e:raw("pdu_type"), e:raw("service")
	put(e, "pdu", ("%d %s"):format(kind, (kind <= 1 or kind == 3) and service or "-"))
	put(e, "invoke_id", e.invoke_id)
	if kind == 0 or kind == 3 then put(e, "variables", e.variables) end
	put(e, "values", ascii(e.values))
	for _, name in ipairs { "max_pdu_size", "max_calling", "max_called", "nesting", "version", "continue_after", "vendor", "model", "revision",
		"file_position", "file_size" } do
		put(e, name, ascii(e[name] and tostring(e[name])))
	end
	if kind <= 1 then put(e, "handle", e.handle) end
	if kind == 0 then put(e, "file_name", e.file_name) put(e, "file_name", e.new_file_name) end
	for _, name in ipairs { "parameter_cbb", "services_supported" } do put(e, name, e[name] and hex(e:raw(name))) end
	for _, name in ipairs { "error_class", "error_code", "reject_type", "reject_reason", "object_class", "logical_status", "physical_status" } do
		put(e, name, e:raw(name))
	end
	if e.more_follows ~= nil then put(e, "more_follows", e.more_follows and 1 or 0) end
	put(e, "data", e.data and #e:raw("data"))
end)
'''


def ascii_of(shown):
    return re.sub(r"[^\x20-\x7e]+", "?", html.unescape(shown))


def number_text(value):
    """As the analyzer writes a floating point number: six digits behind the point, without the zeros at the end."""
    raw = bytes.fromhex(value)
    if len(raw) not in (5, 9):
        return value
    number = struct.unpack(">f" if len(raw) == 5 else ">d", raw[1:])[0]
    if not -1e12 < number < 1e12:
        return "large" if number > 0 else "-large" if number < 0 else "nan"
    scaled = int(abs(number) * 1000000 + 0.5)
    text = ("%06d" % (scaled % 1000000)).rstrip("0") or "0"
    return "%s%d.%s" % ("-" if number < 0 else "", scaled // 1000000, text)


def bits_text(value, padding):
    return "".join("{:08b}".format(byte) for byte in bytes.fromhex(value))[:8 * (len(value) // 2) - padding]


class Values:
    """The text of values one after the other, as the analyzer writes it."""

    def __init__(self):
        self.text, self.open, self.padding, self.first = "", [], 0, True

    def close(self, depth):
        while self.open and self.open[-1] >= depth:
            self.open.pop()
            self.text += "}"
            self.first = False

    def add(self, depth, text):
        self.close(depth)
        self.text += ("" if self.first else ",") + text
        self.first = text == "{"

    def field(self, f, name):
        value = f.value or ""
        if name in ("structure", "array"):
            self.add(f.depth, "{")
            self.open.append(f.depth)
        elif name == "failure":
            self.add(f.depth, FAILURES.get(f.number(), "error"))
        elif name == "boolean":
            self.add(f.depth, "true" if f.show in ("1", "True") else "false")
        elif name == "data_bit-string":
            self.add(f.depth, bits_text(value, self.padding))
        elif name in ("integer", "unsigned"):
            self.add(f.depth, f.show)
        elif name == "floating_point":
            self.add(f.depth, number_text(value))
        elif name in ("data.visible-string", "mMSString"):
            self.add(f.depth, ascii_of(f.show))
        elif name in ("data.octet-string", "data.binary-time", "utc_time"):
            self.add(f.depth, value)
        elif name in ("success_element", "Write_Response_item_success"):
            self.add(f.depth, "ok")


def take_values(put, fields):
    """Results and data; names of lists and files."""
    values = Values()
    listed = []
    for f in fields:
        name = f.name[4:]
        if f.name == "ber.bitstring.padding":
            values.padding = f.number()
        elif name == "Identifier":
            listed.append(ascii_of(f.show))
        elif name.startswith("FileName") and any(x.name == "mms.listOfDirectoryEntry" for x in fields):
            listed.append(ascii_of(f.show))
        else:
            values.field(f, name)
    values.close(0)
    text = values.text or ",".join(listed)
    if text:
        put("values", text[:TEXT])


def take_names(put, fields, service):
    found, domain = [], None
    for f in fields:
        name = f.name[4:]
        if name == "domainId":
            domain = ascii_of(f.show)
        elif name == "itemId":
            found.append("%s/%s" % (domain, ascii_of(f.show)))
        elif name in IDENTIFIERS and f.show:
            found.append(("@" if name == "aa_specific" else "") + ascii_of(f.show))
    if service not in (NAME_LIST, READ, WRITE, DELETE_LISTS, REPORT):
        found = found[:1]
    if found:
        put("variables", ",".join(found)[:TEXT])


def code_of(fields, name):
    """The number behind the choice of this name."""
    at = next((i for i, f in enumerate(fields) if f.name == name), None)
    return fields[at + 1].show if at is not None and at + 1 < len(fields) else None


def message(put, fields, asked, ends):
    kind = service = None
    for f in fields:
        name = f.name[4:]
        kind = KINDS.get(name.replace("_element", ""), kind) if kind is None else kind
        if name in SERVICES and service is None:
            service = SERVICES[name] + f.number()
    if kind is None:
        return
    invoke = next((f.show for f in fields if f.name == "mms.invokeID"), None)
    if kind == REQUEST:
        asked[ends + (invoke,)] = service
    elif kind == RESPONSE:
        of_request = asked.pop(ends[::-1] + (invoke,), None)
        service = of_request if service is None else service
    if kind == RESPONSE and service in PIECES and not any(f.name == "mms.moreFollows" for f in fields):
        put("more_follows", "1")
    put(PDU, "%d %s" % (kind, "-" if service is None else service))
    for f in fields:
        name = f.name[4:]
        if NUMBERS.get(name) and f.show and (name, service) != ("sizeOfFile", FILE_DIRECTORY):
            put(NUMBERS[name], {"True": "1", "False": "0"}.get(f.show, f.show))
        elif name in TEXTS and f.show:
            put(TEXTS[name], ascii_of(f.show))
        elif name in ("fileData", "non_coded"):
            put("data", str(len(f.value or "") // 2))
        elif name == "cancel_RequestPDU":
            put("invoke_id", f.show)
        elif name == "FileName_item" and kind == REQUEST:
            put("file_name", ascii_of(f.show))
    padding = "00"
    for f in fields:
        if f.name == "ber.bitstring.padding":
            padding = f.value
        elif f.name[4:] in BITS:
            put(BITS[f.name[4:]], padding + f.value)
    for choice, field in (("mms.errorClass", "error_code"), ("mms.rejectReason", "reject_reason")):
        if code_of(fields, choice):
            put(field, code_of(fields, choice))
    if kind in (REQUEST, UNCONFIRMED):
        take_names(put, fields, service)
    if service == WRITE or (kind != REQUEST and service in (NAME_LIST, READ, FILE_DIRECTORY, REPORT)):
        take_values(put, fields)


def theirs(path):
    values, asked = collections.defaultdict(collections.Counter), {}
    for src, dst, fields in frames(path, "(mms or (cotp and data.len == 2)) and not _ws.malformed", ["-o", CONTEXT]):
        one = []
        values[src, dst, PDU].update(CONCLUDE[f.value] for f in fields if f.name == "data.data" and f.value in CONCLUDE)
        for f in fields + [None]:
            if f is None or (f.proto and f.name == "mms"):
                message(lambda field, value, ends=(src, dst): values[ends + (field,)].update([value]), one, asked, (src, dst))
                one = []
            elif f.name.startswith(("mms.", "ber.")):
                one.append(f)
    return values


MMS = Dialect("mms", ["mms"], ["mms.pcap"], ["invoke_id", "variables", "values", "max_pdu_size", "max_calling", "max_called", "nesting", "version",
              "parameter_cbb", "services_supported", "vendor", "model", "revision", "logical_status", "physical_status", "object_class", "continue_after",
              "more_follows", "file_name", "file_position", "file_size", "handle", "data", "error_class", "error_code", "reject_type",
              "reject_reason"], SCRIPT, theirs)

if __name__ == "__main__":
    main(MMS, __doc__)
