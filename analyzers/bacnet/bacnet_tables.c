/* bacnet_tables.c - the words of BACnet: functions, services, errors, states and what commands do to a device.
 *
 * Clauses are those of ASHRAE 135. Names are those that ICSNPP's logs have; what they lack is named the same way. All tables are sorted.
 */
#include "bacnet_tables.h"

/* Annex J.2: BACnet virtual link layer over IPv4. Functions that only IPv6 has (U.2) stand at 0x200 and more; those that both have go by
 * the numbers of IPv4. */
static const struct oto_name bvlc_functions_rows[] = {
	{ 0, "BVLC_Result", 0, NULL },
	{ 1, "Write_Broadcast_Table", OTO_OP_CONFIGURE, "replaces the table of a BBMD: broadcasts go elsewhere" },
	{ 2, "Read_Broadcast_Table", OTO_OP_READ, NULL },
	{ 3, "Read_Broadcast_Table_ACK", 0, NULL },
	{ 4, "Forwarded_NPDU", 0, NULL },
	{ 5, "Register_Foreign_Device", OTO_OP_OTHER, "the BBMD will send broadcasts to the sender for a time" },
	{ 6, "Read_Foreign_Device_Table", OTO_OP_READ, NULL },
	{ 7, "Read_Foreign_Device_Table_ACK", 0, NULL },
	{ 8, "Delete_Foreign_Device_Table_Entry", OTO_OP_CONFIGURE, "a foreign device gets no broadcasts any more" },
	{ 9, "Distribute_Broadcast_to_Network", 0, NULL },
	{ 10, "Original_Unicast_NPDU", 0, NULL },
	{ 11, "Original_Broadcast_NPDU", 0, NULL },
	{ 12, "Secure_BVLL", 0, NULL },
	{ 0x203, "Address_Resolution", OTO_OP_DISCOVER, NULL },
	{ 0x204, "Forwarded_Address_Resolution", 0, NULL },
	{ 0x205, "Address_Resolution_ACK", 0, NULL },
	{ 0x206, "Virtual_Address_Resolution", OTO_OP_DISCOVER, NULL },
	{ 0x207, "Virtual_Address_Resolution_ACK", 0, NULL },
};
const struct oto_names bacnet_bvlc_functions = OTO_NAMES(bvlc_functions_rows);

static const struct oto_name bvlc_results_rows[] = {
	{ 0, "Successful_completion", 0, NULL },
	{ 0x10, "Write-Broadcast-Distribution-Table_NAK", 0, NULL },
	{ 0x20, "Read-Broadcast-Distribution-Table_NAK", 0, NULL },
	{ 0x30, "Register-Foreign-Device_NAK", 0, NULL },
	{ 0x40, "Read-Foreign-Device-Table_NAK", 0, NULL },
	{ 0x50, "Delete-Foreign-Device-Table-Entry_NAK", 0, NULL },
	{ 0x60, "Distribute-Broadcast-To-Network_NAK", 0, NULL },
	{ 0x230, "Address-Resolution_NAK", 0, NULL },
	{ 0x260, "Virtual-Address-Resolution_NAK", 0, NULL },
};
const struct oto_names bacnet_bvlc_results = OTO_NAMES(bvlc_results_rows);

static const struct oto_name network_rejects_rows[] = {
	{ 0, "other", 0, NULL },
	{ 1, "not_directly_connected", 0, NULL },
	{ 2, "network_busy", 0, NULL },
	{ 3, "unknown_message_type", 0, NULL },
	{ 4, "message_too_long", 0, NULL },
	{ 5, "security_error", 0, NULL },
	{ 6, "addressing_error", 0, NULL },
};
const struct oto_names bacnet_network_rejects = OTO_NAMES(network_rejects_rows);

static const struct oto_name priorities_rows[] = {
	{ 0, "normal", 0, NULL },
	{ 1, "urgent", 0, NULL },
	{ 2, "critical_equipment", 0, NULL },
	{ 3, "life_safety", 0, NULL },
};
const struct oto_names bacnet_priorities = OTO_NAMES(priorities_rows);

/* 20.1.2: APDUs. */
static const struct oto_name apdu_types_rows[] = {
	{ 0, "CONFIRMED_REQUEST", 0, NULL }, { 1, "UNCONFIRMED_REQUEST", 0, NULL }, { 2, "SIMPLE_ACK", 0, NULL },
	{ 3, "COMPLEX_ACK", 0, NULL },       { 4, "SEGMENT_ACK", 0, NULL },         { 5, "ERROR_PDU", 0, NULL },
	{ 6, "REJECT_PDU", 0, NULL },        { 7, "ABORT_PDU", 0, NULL },           { 8, "NPDU", 0, NULL },
};
const struct oto_names bacnet_apdu_types = OTO_NAMES(apdu_types_rows);

/* Confirmed services (21, BACnetConfirmedServiceChoice), from 0x100 on unconfirmed ones, from 0x200 on messages of the network layer
 * (6.2.4); last what ICSNPP calls the service of APDUs that name none. */
static const struct oto_name services_rows[] = {
	{ 0, "acknowledge_alarm", OTO_OP_WRITE, "somebody has seen the alarm" },
	{ 1, "confirmed_cov_notification", OTO_OP_CYCLIC, "the device tells a changed value" },
	{ 2, "confirmed_event_notification", OTO_OP_OTHER, "the device tells an alarm or event" },
	{ 3, "get_alarm_summary", OTO_OP_DIAGNOSE, NULL },
	{ 4, "get_enrollment_summary", OTO_OP_DIAGNOSE, NULL },
	{ 5, "subscribe_cov", OTO_OP_READ, "changes of an object are told from now on" },
	{ 6, "atomic_read_file", OTO_OP_PROGRAM_READ, NULL },
	{ 7, "atomic_write_file", OTO_OP_PROGRAM_WRITE, NULL },
	{ 8, "add_list_element", OTO_OP_CONFIGURE, NULL },
	{ 9, "remove_list_element", OTO_OP_CONFIGURE, NULL },
	{ 10, "create_object", OTO_OP_CONFIGURE, NULL },
	{ 11, "delete_object", OTO_OP_CONFIGURE, NULL },
	{ 12, "read_property", OTO_OP_READ, NULL },
	{ 13, "read_property_conditional", OTO_OP_READ, NULL },
	{ 14, "read_property_multiple", OTO_OP_READ, NULL },
	{ 15, "write_property", OTO_OP_WRITE, "by property: a value, a setting, the clock, out of service, a program" },
	{ 16, "write_property_multiple", OTO_OP_WRITE, "by its first property" },
	{ 17, "device_communication_control", OTO_OP_MODE, "the device talks no more, with enable it talks again" },
	{ 18, "confirmed_private_transfer", OTO_OP_OTHER, "what the vendor wants it to be" },
	{ 19, "confirmed_text_message", OTO_OP_OTHER, NULL },
	{ 20, "reinitialize_device", OTO_OP_RESET, "restarts, or begins and ends a backup or restore" },
	{ 21, "vt_open", OTO_OP_CONFIGURE, "a terminal session on the device" },
	{ 22, "vt_close", OTO_OP_CONFIGURE, NULL },
	{ 23, "vt_data", OTO_OP_CONFIGURE, NULL },
	{ 24, "authenticate", OTO_OP_AUTHENTICATE, NULL },
	{ 25, "request_key", OTO_OP_AUTHENTICATE, NULL },
	{ 26, "read_range", OTO_OP_READ, NULL },
	{ 27, "life_safety_operation", OTO_OP_MODE, "silences or resets alarms of life safety" },
	{ 28, "subscribe_cov_property", OTO_OP_READ, NULL },
	{ 29, "get_event_information", OTO_OP_DIAGNOSE, NULL },
	{ 30, "subscribe_cov_property_multiple", OTO_OP_READ, NULL },
	{ 31, "confirmed_cov_notification_multiple", OTO_OP_CYCLIC, NULL },
	{ 32, "confirmed_audit_notification", OTO_OP_OTHER, NULL },
	{ 33, "audit_log_query", OTO_OP_READ, NULL },
	{ 34, "auth_request", OTO_OP_AUTHENTICATE, NULL },
	{ 0x100, "i_am", 0, NULL },
	{ 0x101, "i_have", 0, NULL },
	{ 0x102, "unconfirmed_cov_notification", OTO_OP_CYCLIC, "the device tells a changed value" },
	{ 0x103, "unconfirmed_event_notification", OTO_OP_OTHER, "the device tells an alarm or event" },
	{ 0x104, "unconfirmed_private_transfer", OTO_OP_OTHER, "what the vendor wants it to be" },
	{ 0x105, "unconfirmed_text_message", OTO_OP_OTHER, NULL },
	{ 0x106, "time_synchronization", OTO_OP_TIME, NULL },
	{ 0x107, "who_has", OTO_OP_DISCOVER, NULL },
	{ 0x108, "who_is", OTO_OP_DISCOVER, NULL },
	{ 0x109, "utc_time_synchronization", OTO_OP_TIME, NULL },
	{ 0x10a, "write_group", OTO_OP_WRITE, "writes values into channels of many devices" },
	{ 0x10b, "unconfirmed_cov_notification_multiple", OTO_OP_CYCLIC, NULL },
	{ 0x10c, "unconfirmed_audit_notification", OTO_OP_OTHER, NULL },
	{ 0x10d, "who_am_i", OTO_OP_DISCOVER, NULL },
	{ 0x10e, "you_are", OTO_OP_CONFIGURE, "gives a device its instance number and address" },
	{ 0x200, "who_is_router_to_network", OTO_OP_DISCOVER, NULL },
	{ 0x201, "i_am_router_to_network", 0, NULL },
	{ 0x202, "i_could_be_router_to_network", 0, NULL },
	{ 0x203, "reject_message_to_network", 0, NULL },
	{ 0x204, "router_busy_to_network", 0, NULL },
	{ 0x205, "router_available_to_network", 0, NULL },
	{ 0x206, "initialize_routing_table", OTO_OP_CONFIGURE, "changes what a router routes, with no ports it asks for the table" },
	{ 0x207, "initialize_routing_table_ack", 0, NULL },
	{ 0x208, "establish_connection_to_network", OTO_OP_CONFIGURE, "a half router dials" },
	{ 0x209, "disconnect_connection_to_network", OTO_OP_CONFIGURE, "a half router hangs up" },
	{ 0x20a, "challenge_request", OTO_OP_AUTHENTICATE, NULL },
	{ 0x20b, "security_payload", 0, NULL },
	{ 0x20c, "security_response", 0, NULL },
	{ 0x20d, "request_key_update", OTO_OP_AUTHENTICATE, NULL },
	{ 0x20e, "update_key_set", OTO_OP_CONFIGURE, "the device gets other keys" },
	{ 0x20f, "update_distribution_key", OTO_OP_CONFIGURE, "the device gets another key" },
	{ 0x210, "request_master_key", OTO_OP_AUTHENTICATE, NULL },
	{ 0x211, "set_master_key", OTO_OP_CONFIGURE, "the device gets another key" },
	{ 0x212, "what_is_network_number", OTO_OP_DISCOVER, NULL },
	{ 0x213, "network_number_is", 0, NULL },
	{ 0x300, "reject", 0, NULL },
	{ 0x301, "abort", 0, NULL },
};
const struct oto_names bacnet_services = OTO_NAMES(services_rows);

/* The words that NTT's log has for types of APDU. */
static const struct oto_name type_words_rows[] = {
	{ 0, "ConfirmedRequest", 0, NULL },
	{ 1, "UnconfirmedRequest", 0, NULL },
	{ 2, "SimpleAck", 0, NULL },
	{ 3, "ComplexAck", 0, NULL },
	{ 4, "SegmentAck", 0, NULL },
	{ 5, "ErrorPdu", 0, NULL },
	{ 6, "RejectPdu", 0, NULL },
	{ 7, "AbortPdu", 0, NULL },
	{ 8, "NPDU", 0, NULL },
	{ 9, "BVLC", 0, NULL },
};
const struct oto_names bacnet_type_words = OTO_NAMES(type_words_rows);

static const struct oto_name error_classes_rows[] = {
	{ 0, "device", 0, NULL },   { 1, "object", 0, NULL },   { 2, "property", 0, NULL }, { 3, "resources", 0, NULL },
	{ 4, "security", 0, NULL }, { 5, "services", 0, NULL }, { 6, "vt", 0, NULL },       { 7, "communication", 0, NULL },
};
const struct oto_names bacnet_error_classes = OTO_NAMES(error_classes_rows);

static const struct oto_name error_codes_rows[] = {
	{ 0, "other", 0, NULL },
	{ 1, "authentication-failed", 0, NULL },
	{ 2, "configuration-in-progress", 0, NULL },
	{ 3, "device-busy", 0, NULL },
	{ 4, "dynamic-creation-not-supported", 0, NULL },
	{ 5, "file-access-denied", 0, NULL },
	{ 6, "incompatible-security-levels", 0, NULL },
	{ 7, "inconsistent-parameters", 0, NULL },
	{ 8, "inconsistent-selection-criterion", 0, NULL },
	{ 9, "invalid-data-type", 0, NULL },
	{ 10, "invalid-file-access-method", 0, NULL },
	{ 11, "invalid-file-start-position", 0, NULL },
	{ 12, "invalid-operator-name", 0, NULL },
	{ 13, "invalid-parameter-data-type", 0, NULL },
	{ 14, "invalid-time-stamp", 0, NULL },
	{ 15, "key-generation-error", 0, NULL },
	{ 16, "missing-required-parameter", 0, NULL },
	{ 17, "no-objects-of-specified-type", 0, NULL },
	{ 18, "no-space-for-object", 0, NULL },
	{ 19, "no-space-to-add-list-element", 0, NULL },
	{ 20, "no-space-to-write-property", 0, NULL },
	{ 21, "no-vt-sessions-available", 0, NULL },
	{ 22, "property-is-not-a-list", 0, NULL },
	{ 23, "object-deletion-not-permitted", 0, NULL },
	{ 24, "object-identifier-already-exists", 0, NULL },
	{ 25, "operational-problem", 0, NULL },
	{ 26, "password-failure", 0, NULL },
	{ 27, "read-access-denied", 0, NULL },
	{ 28, "security-not-supported", 0, NULL },
	{ 29, "service-request-denied", 0, NULL },
	{ 30, "timeout", 0, NULL },
	{ 31, "unknown-object", 0, NULL },
	{ 32, "unknown-property", 0, NULL },
	{ 34, "unknown-vt-class", 0, NULL },
	{ 35, "unknown-vt-session", 0, NULL },
	{ 36, "unsupported-object-type", 0, NULL },
	{ 37, "value-out-of-range", 0, NULL },
	{ 38, "vt-session-already-closed", 0, NULL },
	{ 39, "vt-session-termination-failure", 0, NULL },
	{ 40, "write-access-denied", 0, NULL },
	{ 41, "character-set-not-supported", 0, NULL },
	{ 42, "invalid-array-index", 0, NULL },
	{ 43, "cov-subscription-failed", 0, NULL },
	{ 44, "not-cov-property", 0, NULL },
	{ 45, "optional-functionality-not-supported", 0, NULL },
	{ 46, "invalid-configuration-data", 0, NULL },
	{ 47, "datatype-not-supported", 0, NULL },
	{ 48, "duplicate-name", 0, NULL },
	{ 49, "duplicate-object-id", 0, NULL },
	{ 50, "property-is-not-an-array", 0, NULL },
	{ 51, "abort-buffer-overflow", 0, NULL },
	{ 52, "abort-invalid-apdu-in-this-state", 0, NULL },
	{ 53, "abort-preempted-by-higher-priority-task", 0, NULL },
	{ 54, "abort-segmentation-not-supported", 0, NULL },
	{ 55, "abort-proprietary", 0, NULL },
	{ 56, "abort-other", 0, NULL },
	{ 57, "invalid-tag", 0, NULL },
	{ 58, "network-down", 0, NULL },
	{ 59, "reject-buffer-overflow", 0, NULL },
	{ 60, "reject-inconsistent-parameters", 0, NULL },
	{ 61, "reject-invalid-parameter-data-type", 0, NULL },
	{ 62, "reject-invalid-tag", 0, NULL },
	{ 63, "reject-missing-required-parameter", 0, NULL },
	{ 64, "reject-parameter-out-of-range", 0, NULL },
	{ 65, "reject-too-many-arguments", 0, NULL },
	{ 66, "reject-undefined-enumeration", 0, NULL },
	{ 67, "reject-unrecognized-service", 0, NULL },
	{ 68, "reject-proprietary", 0, NULL },
	{ 69, "reject-other", 0, NULL },
	{ 70, "unknown-device", 0, NULL },
	{ 71, "unknown-route", 0, NULL },
	{ 72, "value-not-initialized", 0, NULL },
	{ 73, "invalid-event-state", 0, NULL },
	{ 74, "no-alarm-configured", 0, NULL },
	{ 75, "log-buffer-full", 0, NULL },
	{ 76, "logged-value-purged", 0, NULL },
	{ 77, "no-property-specified", 0, NULL },
	{ 78, "not-configured-for-triggered-logging", 0, NULL },
	{ 79, "unknown-subscription", 0, NULL },
	{ 80, "parameter-out-of-range", 0, NULL },
	{ 81, "list-element-not-found", 0, NULL },
	{ 82, "busy", 0, NULL },
	{ 83, "communication-disabled", 0, NULL },
	{ 84, "success", 0, NULL },
	{ 85, "access-denied", 0, NULL },
	{ 86, "bad-destination-address", 0, NULL },
	{ 87, "bad-destination-device-id", 0, NULL },
	{ 88, "bad-signature", 0, NULL },
	{ 89, "bad-source-address", 0, NULL },
	{ 90, "bad-timestamp", 0, NULL },
	{ 91, "cannot-use-key", 0, NULL },
	{ 92, "cannot-verify-message-id", 0, NULL },
	{ 93, "correct-key-revision", 0, NULL },
	{ 94, "destination-device-id-required", 0, NULL },
	{ 95, "duplicate-message", 0, NULL },
	{ 96, "encryption-not-configured", 0, NULL },
	{ 97, "encryption-required", 0, NULL },
	{ 98, "incorrect-key", 0, NULL },
	{ 99, "invalid-key-data", 0, NULL },
	{ 100, "key-update-in-progress", 0, NULL },
	{ 101, "malformed-message", 0, NULL },
	{ 102, "not-key-server", 0, NULL },
	{ 103, "security-not-configured", 0, NULL },
	{ 104, "source-security-required", 0, NULL },
	{ 105, "too-many-keys", 0, NULL },
	{ 106, "unknown-authentication-type", 0, NULL },
	{ 107, "unknown-key", 0, NULL },
	{ 108, "unknown-key-revision", 0, NULL },
	{ 109, "unknown-source-message", 0, NULL },
	{ 110, "not-router-to-dnet", 0, NULL },
	{ 111, "router-busy", 0, NULL },
	{ 112, "unknown-network-message", 0, NULL },
	{ 113, "message-too-long", 0, NULL },
	{ 114, "security-error", 0, NULL },
	{ 115, "addressing-error", 0, NULL },
	{ 116, "write-bdt-failed", 0, NULL },
	{ 117, "read-bdt-failed", 0, NULL },
	{ 118, "register-foreign-device-failed", 0, NULL },
	{ 119, "read-fdt-failed", 0, NULL },
	{ 120, "delete-fdt-entry-failed", 0, NULL },
	{ 121, "distribute-broadcast-failed", 0, NULL },
	{ 122, "unknown-file-size", 0, NULL },
	{ 123, "abort-apdu-too-long", 0, NULL },
	{ 124, "abort-application-exceeded-reply-time", 0, NULL },
	{ 125, "abort-out-of-resources", 0, NULL },
	{ 126, "abort-tsm-timeout", 0, NULL },
	{ 127, "abort-window-size-out-of-range", 0, NULL },
	{ 128, "file-full", 0, NULL },
	{ 129, "inconsistent-configuration", 0, NULL },
	{ 130, "inconsistent-object-type", 0, NULL },
	{ 131, "internal-error", 0, NULL },
	{ 132, "not-configured", 0, NULL },
	{ 133, "out-of-memory", 0, NULL },
	{ 134, "value-too-long", 0, NULL },
	{ 135, "abort-insufficient-security", 0, NULL },
	{ 136, "abort-security-error", 0, NULL },
	{ 137, "duplicate-entry", 0, NULL },
	{ 138, "invalid-value-in-this-state", 0, NULL },
	{ 139, "invalid-operation-in-this-state", 0, NULL },
	{ 140, "list-item-not-numbered", 0, NULL },
	{ 141, "list-item-not-timestamped", 0, NULL },
	{ 142, "invalid-data-encoding", 0, NULL },
	{ 143, "bvlc-function-unknown", 0, NULL },
	{ 144, "bvlc-proprietary-function-unknown", 0, NULL },
	{ 145, "header-encoding-error", 0, NULL },
	{ 146, "header-not-understood", 0, NULL },
	{ 147, "message-incomplete", 0, NULL },
	{ 148, "not-a-bacnet-sc-hub", 0, NULL },
	{ 149, "payload-expected", 0, NULL },
	{ 150, "unexpected-data", 0, NULL },
	{ 151, "node-duplicate-vmac", 0, NULL },
	{ 152, "http-unexpected-response-code", 0, NULL },
	{ 153, "http-no-upgrade", 0, NULL },
	{ 154, "http-resource-not-local", 0, NULL },
	{ 155, "http-proxy-authentication-failed", 0, NULL },
	{ 156, "http-response-timeout", 0, NULL },
	{ 157, "http-response-syntax-error", 0, NULL },
	{ 158, "http-response-value-error", 0, NULL },
	{ 159, "http-response-missing-header", 0, NULL },
	{ 160, "http-websocket-header-error", 0, NULL },
	{ 161, "http-upgrade-required", 0, NULL },
	{ 162, "http-upgrade-error", 0, NULL },
	{ 163, "http-temporary-unavailable", 0, NULL },
	{ 164, "http-not-a-server", 0, NULL },
	{ 165, "http-error", 0, NULL },
	{ 166, "websocket-scheme-not-supported", 0, NULL },
	{ 167, "websocket-unknown-control-message", 0, NULL },
	{ 168, "websocket-close-error", 0, NULL },
	{ 169, "websocket-closed-by-peer", 0, NULL },
	{ 170, "websocket-endpoint-leaves", 0, NULL },
	{ 171, "websocket-protocol-error", 0, NULL },
	{ 172, "websocket-data-not-accepted", 0, NULL },
	{ 173, "websocket-closed-abnormally", 0, NULL },
	{ 174, "websocket-data-inconsistent", 0, NULL },
	{ 175, "websocket-data-against-policy", 0, NULL },
	{ 176, "websocket-frame-too-long", 0, NULL },
	{ 177, "websocket-extension-missing", 0, NULL },
	{ 178, "websocket-request-unavailable", 0, NULL },
	{ 179, "websocket-error", 0, NULL },
	{ 180, "tls-client-certificate-error", 0, NULL },
	{ 181, "tls-server-certificate-error", 0, NULL },
	{ 182, "tls-client-authentication-failed", 0, NULL },
	{ 183, "tls-server-authentication-failed", 0, NULL },
	{ 184, "tls-client-certificate-expired", 0, NULL },
	{ 185, "tls-server-certificate-expired", 0, NULL },
	{ 186, "tls-client-certificate-revoked", 0, NULL },
	{ 187, "tls-server-certificate-revoked", 0, NULL },
	{ 188, "tls-error", 0, NULL },
	{ 189, "dns-unavailable", 0, NULL },
	{ 190, "dns-name-resolution-failed", 0, NULL },
	{ 191, "dns-resolver-failure", 0, NULL },
	{ 192, "dns-error", 0, NULL },
	{ 193, "tcp-connect-timeout", 0, NULL },
	{ 194, "tcp-connection-refused", 0, NULL },
	{ 195, "tcp-closed-by-local", 0, NULL },
	{ 196, "tcp-closed-other", 0, NULL },
	{ 197, "tcp-error", 0, NULL },
	{ 198, "ip-address-not-reachable", 0, NULL },
	{ 199, "ip-error", 0, NULL },
};
const struct oto_names bacnet_error_codes = OTO_NAMES(error_codes_rows);

static const struct oto_name reject_reasons_rows[] = {
	{ 0, "other", 0, NULL },
	{ 1, "buffer-overflow", 0, NULL },
	{ 2, "inconsistent-parameters", 0, NULL },
	{ 3, "invalid-parameter-data-type", 0, NULL },
	{ 4, "invalid-tag", 0, NULL },
	{ 5, "missing-required-parameter", 0, NULL },
	{ 6, "parameter-out-of-range", 0, NULL },
	{ 7, "too-many-arguments", 0, NULL },
	{ 8, "undefined-enumeration", 0, NULL },
	{ 9, "unrecognized-service", 0, NULL },
	{ 10, "invalid-data-encoding", 0, NULL },
};
const struct oto_names bacnet_reject_reasons = OTO_NAMES(reject_reasons_rows);

static const struct oto_name abort_reasons_rows[] = {
	{ 0, "other", 0, NULL },
	{ 1, "buffer-overflow", 0, NULL },
	{ 2, "invalid-apdu-in-this-state", 0, NULL },
	{ 3, "preempted-by-higher-priority-task", 0, NULL },
	{ 4, "segmentation-not-supported", 0, NULL },
	{ 5, "security-error", 0, NULL },
	{ 6, "insufficient-security", 0, NULL },
	{ 7, "window-size-out-of-range", 0, NULL },
	{ 8, "application-exceeded-reply-time", 0, NULL },
	{ 9, "out-of-resources", 0, NULL },
	{ 10, "tsm-timeout", 0, NULL },
	{ 11, "apdu-too-long", 0, NULL },
};
const struct oto_names bacnet_abort_reasons = OTO_NAMES(abort_reasons_rows);

static const struct oto_name object_types_rows[] = {
	{ 0, "analog-input", 0, NULL },
	{ 1, "analog-output", 0, NULL },
	{ 2, "analog-value", 0, NULL },
	{ 3, "binary-input", 0, NULL },
	{ 4, "binary-output", 0, NULL },
	{ 5, "binary-value", 0, NULL },
	{ 6, "calendar", 0, NULL },
	{ 7, "command", 0, NULL },
	{ 8, "device", 0, NULL },
	{ 9, "event-enrollment", 0, NULL },
	{ 10, "file", 0, NULL },
	{ 11, "group", 0, NULL },
	{ 12, "loop", 0, NULL },
	{ 13, "multi-state-input", 0, NULL },
	{ 14, "multi-state-output", 0, NULL },
	{ 15, "notification-class", 0, NULL },
	{ 16, "program", 0, NULL },
	{ 17, "schedule", 0, NULL },
	{ 18, "averaging", 0, NULL },
	{ 19, "multi-state-value", 0, NULL },
	{ 20, "trend-log", 0, NULL },
	{ 21, "life-safety-point", 0, NULL },
	{ 22, "life-safety-zone", 0, NULL },
	{ 23, "accumulator", 0, NULL },
	{ 24, "pulse-converter", 0, NULL },
	{ 25, "event-log", 0, NULL },
	{ 26, "global-group", 0, NULL },
	{ 27, "trend-log-multiple", 0, NULL },
	{ 28, "load-control", 0, NULL },
	{ 29, "structured-view", 0, NULL },
	{ 30, "access-door", 0, NULL },
	{ 31, "timer", 0, NULL },
	{ 32, "access-credential", 0, NULL },
	{ 33, "access-point", 0, NULL },
	{ 34, "access-rights", 0, NULL },
	{ 35, "access-user", 0, NULL },
	{ 36, "access-zone", 0, NULL },
	{ 37, "credential-data-input", 0, NULL },
	{ 38, "network-security", 0, NULL },
	{ 39, "bitstring-value", 0, NULL },
	{ 40, "characterstring-value", 0, NULL },
	{ 41, "date-pattern-value", 0, NULL },
	{ 42, "date-value", 0, NULL },
	{ 43, "datetime-pattern-value", 0, NULL },
	{ 44, "datetime-value", 0, NULL },
	{ 45, "integer-value", 0, NULL },
	{ 46, "large-analog-value", 0, NULL },
	{ 47, "octetstring-value", 0, NULL },
	{ 48, "positive-integer-value", 0, NULL },
	{ 49, "time-pattern-value", 0, NULL },
	{ 50, "time-value", 0, NULL },
	{ 51, "notification-forwarder", 0, NULL },
	{ 52, "alert-enrollment", 0, NULL },
	{ 53, "channel", 0, NULL },
	{ 54, "lighting-output", 0, NULL },
	{ 55, "binary-lighting-output", 0, NULL },
	{ 56, "network-port", 0, NULL },
	{ 57, "elevator-group", 0, NULL },
	{ 58, "escalator", 0, NULL },
	{ 59, "lift", 0, NULL },
	{ 60, "staging", 0, NULL },
	{ 61, "audit-log", 0, NULL },
	{ 62, "audit-reporter", 0, NULL },
	{ 63, "color", 0, NULL },
	{ 64, "color-temperature", 0, NULL },
};
const struct oto_names bacnet_object_types = OTO_NAMES(object_types_rows);

/* 20.2.1.4: application tags. */
static const struct oto_name datatypes_rows[] = {
	{ 0, "null", 0, NULL },
	{ 1, "boolean", 0, NULL },
	{ 2, "unsigned", 0, NULL },
	{ 3, "signed", 0, NULL },
	{ 4, "real", 0, NULL },
	{ 5, "double", 0, NULL },
	{ 6, "octet-string", 0, NULL },
	{ 7, "character-string", 0, NULL },
	{ 8, "bit-string", 0, NULL },
	{ 9, "enumerated", 0, NULL },
	{ 10, "date", 0, NULL },
	{ 11, "time", 0, NULL },
	{ 12, "object-identifier", 0, NULL },
	{ 13, "context", 0, NULL },
};
const struct oto_names bacnet_datatypes = OTO_NAMES(datatypes_rows);

/* 16.1 and 16.4. */
static const struct oto_name communication_states_rows[] = {
	{ 0, "enable", OTO_OP_MODE, NULL },
	{ 1, "disable", OTO_OP_MODE, "it answers nothing but this command and a restart" },
	{ 2, "disable-initiation", OTO_OP_MODE, "it answers but tells nothing by itself" },
};
const struct oto_names bacnet_communication_states = OTO_NAMES(communication_states_rows);

static const struct oto_name reinitialize_states_rows[] = {
	{ 0, "coldstart", OTO_OP_RESET, NULL },
	{ 1, "warmstart", OTO_OP_RESET, NULL },
	{ 2, "start-backup", OTO_OP_PROGRAM_READ, NULL },
	{ 3, "end-backup", OTO_OP_PROGRAM_READ, NULL },
	{ 4, "start-restore", OTO_OP_PROGRAM_WRITE, NULL },
	{ 5, "end-restore", OTO_OP_PROGRAM_WRITE, NULL },
	{ 6, "abort-restore", OTO_OP_PROGRAM_WRITE, NULL },
	{ 7, "activate-changes", OTO_OP_RESET, NULL },
};
const struct oto_names bacnet_reinitialize_states = OTO_NAMES(reinitialize_states_rows);

static const struct oto_name life_safety_operations_rows[] = {
	{ 0, "none", OTO_OP_OTHER, NULL },
	{ 1, "silence", OTO_OP_MODE, NULL },
	{ 2, "silence-audible", OTO_OP_MODE, NULL },
	{ 3, "silence-visual", OTO_OP_MODE, NULL },
	{ 4, "reset", OTO_OP_CLEAR, NULL },
	{ 5, "reset-alarm", OTO_OP_CLEAR, NULL },
	{ 6, "reset-fault", OTO_OP_CLEAR, NULL },
	{ 7, "unsilence", OTO_OP_MODE, NULL },
	{ 8, "unsilence-audible", OTO_OP_MODE, NULL },
	{ 9, "unsilence-visual", OTO_OP_MODE, NULL },
};
const struct oto_names bacnet_life_safety_operations = OTO_NAMES(life_safety_operations_rows);

/* 12.22: what writing program-change asks of a program. */
static const struct oto_name program_changes_rows[] = {
	{ 0, "ready", OTO_OP_OTHER, NULL }, { 1, "load", OTO_OP_PROGRAM_WRITE, NULL }, { 2, "run", OTO_OP_START, NULL },
	{ 3, "halt", OTO_OP_STOP, NULL },   { 4, "restart", OTO_OP_RESET, NULL },      { 5, "unload", OTO_OP_STOP, NULL },
};
const struct oto_names bacnet_program_changes = OTO_NAMES(program_changes_rows);

/* Words of properties that are enumerations, 21. */
static const struct oto_name event_states_rows[] = {
	{ 0, "normal", 0, NULL },     { 1, "fault", 0, NULL },     { 2, "offnormal", 0, NULL },
	{ 3, "high-limit", 0, NULL }, { 4, "low-limit", 0, NULL }, { 5, "life-safety-alarm", 0, NULL },
};
const struct oto_names bacnet_event_states = OTO_NAMES(event_states_rows);

static const struct oto_name notify_types_rows[] = {
	{ 0, "alarm", 0, NULL },
	{ 1, "event", 0, NULL },
	{ 2, "ack-notification", 0, NULL },
};
const struct oto_names bacnet_notify_types = OTO_NAMES(notify_types_rows);

static const struct oto_name event_types_rows[] = {
	{ 0, "change-of-bitstring", 0, NULL },
	{ 1, "change-of-state", 0, NULL },
	{ 2, "change-of-value", 0, NULL },
	{ 3, "command-failure", 0, NULL },
	{ 4, "floating-limit", 0, NULL },
	{ 5, "out-of-range", 0, NULL },
	{ 6, "complex-event-type", 0, NULL },
	{ 8, "change-of-life-safety", 0, NULL },
	{ 9, "extended", 0, NULL },
	{ 10, "buffer-ready", 0, NULL },
	{ 11, "unsigned-range", 0, NULL },
	{ 13, "access-event", 0, NULL },
	{ 14, "double-out-of-range", 0, NULL },
	{ 15, "signed-out-of-range", 0, NULL },
	{ 16, "unsigned-out-of-range", 0, NULL },
	{ 17, "change-of-characterstring", 0, NULL },
	{ 18, "change-of-status-flags", 0, NULL },
	{ 19, "change-of-reliability", 0, NULL },
	{ 20, "none", 0, NULL },
	{ 21, "change-of-discrete-value", 0, NULL },
	{ 22, "change-of-timer", 0, NULL },
};
const struct oto_names bacnet_event_types = OTO_NAMES(event_types_rows);

static const struct oto_name reliabilities_rows[] = {
	{ 0, "no-fault-detected", 0, NULL },
	{ 1, "no-sensor", 0, NULL },
	{ 2, "over-range", 0, NULL },
	{ 3, "under-range", 0, NULL },
	{ 4, "open-loop", 0, NULL },
	{ 5, "shorted-loop", 0, NULL },
	{ 6, "no-output", 0, NULL },
	{ 7, "unreliable-other", 0, NULL },
	{ 8, "process-error", 0, NULL },
	{ 9, "multi-state-fault", 0, NULL },
	{ 10, "configuration-error", 0, NULL },
	{ 12, "communication-failure", 0, NULL },
	{ 13, "member-fault", 0, NULL },
	{ 14, "monitored-object-fault", 0, NULL },
	{ 15, "tripped", 0, NULL },
	{ 16, "lamp-failure", 0, NULL },
	{ 17, "activation-failure", 0, NULL },
	{ 18, "renew-dhcp-failure", 0, NULL },
	{ 19, "renew-fd-registration-failure", 0, NULL },
	{ 20, "restart-auto-negotiation-failure", 0, NULL },
	{ 21, "restart-failure", 0, NULL },
	{ 22, "proprietary-command-failure", 0, NULL },
	{ 23, "faults-listed", 0, NULL },
	{ 24, "referenced-object-fault", 0, NULL },
};
const struct oto_names bacnet_reliabilities = OTO_NAMES(reliabilities_rows);

static const struct oto_name segmentations_rows[] = {
	{ 0, "segmented-both", 0, NULL },
	{ 1, "segmented-transmit", 0, NULL },
	{ 2, "segmented-receive", 0, NULL },
	{ 3, "no-segmentation", 0, NULL },
};
const struct oto_names bacnet_segmentations = OTO_NAMES(segmentations_rows);

static const struct oto_name device_statuses_rows[] = {
	{ 0, "operational", 0, NULL },          { 1, "operational-read-only", 0, NULL }, { 2, "download-required", 0, NULL },
	{ 3, "download-in-progress", 0, NULL }, { 4, "non-operational", 0, NULL },       { 5, "backup-in-progress", 0, NULL },
};
const struct oto_names bacnet_device_statuses = OTO_NAMES(device_statuses_rows);

static const struct oto_name logging_types_rows[] = {
	{ 0, "polled", 0, NULL },
	{ 1, "cov", 0, NULL },
	{ 2, "triggered", 0, NULL },
};
const struct oto_names bacnet_logging_types = OTO_NAMES(logging_types_rows);

/* The words of a property's values, NULL when it is no enumeration or one of another list for each object. */
const struct oto_names *bacnet_value_names(uint32_t property)
{
	switch (property) {
	case BACNET_EVENT_STATE:
		return &bacnet_event_states;
	case BACNET_NOTIFY_TYPE:
		return &bacnet_notify_types;
	case BACNET_OBJECT_TYPE:
		return &bacnet_object_types;
	case BACNET_PROGRAM_CHANGE:
		return &bacnet_program_changes;
	case BACNET_RELIABILITY:
		return &bacnet_reliabilities;
	case BACNET_SEGMENTATION_SUPPORTED:
		return &bacnet_segmentations;
	case BACNET_SYSTEM_STATUS:
		return &bacnet_device_statuses;
	case BACNET_UNITS:
		return &bacnet_units;
	case BACNET_LOGGING_TYPE:
		return &bacnet_logging_types;
	default:
		return NULL;
	}
}
