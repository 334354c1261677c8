/* opcua_events.c - what is said: messages, values with their nodes, endpoints. */
#include "../ssl/tls_certificate.h"
#include "opcua.h"

#define M(m, doc, ...) OTO_FIELD(struct opcua_message, m, doc, __VA_ARGS__)
#define M_IF(has) .guard = OTO_IF(struct opcua_message, has)
static const struct oto_field message_fields[] = {
	M(msg_type, "type of the message: HEL, ACK, ERR, RHE, OPN, MSG, CLO"),
	M(pdu_type, "request, response or fault"),
	M(service, "service; in a fault that of its request", .names = &opcua_services, M_IF(has_service)),
	M(sec_channel_id, "number of the secure channel", M_IF(has_channel)),
	M(token_id, "number of the keys in use", .flags = OTO_VARIES, M_IF(has_token)),
	M(security_mode, "what protects the channel", .names = &opcua_modes, M_IF(has_mode)),
	M(security_policy, "with which algorithms", .names = &opcua_policies, M_IF(has_policy)),
	M(sec_policy_uri, "the policy as it was named when the channel was opened"),
	M(thumbprint, "SHA-1 of the certificate that the message is for", .flags = OTO_HEX),
	M(encrypted, "nobody else can read the rest; told once a channel"),
	M(session, "session: its id, or where it began before we looked # and a number"),
	M(user, "name of the user; the certificate's or token's is not read"),
	M(identity, "how the user proves who he is", .names = &opcua_identities, M_IF(has_identity)),
	M(password_readable, "the password was sent as it is, over a channel that everybody can read", M_IF(has_password)),
	M(seq_number, "sequence number of the last chunk", .flags = OTO_VARIES, M_IF(has_sequence)),
	M(request_id, "number of the request, which the response repeats", .flags = OTO_VARIES, M_IF(has_request)),
	M(request_handle, "the client's own number for it", .flags = OTO_VARIES, M_IF(has_handle)),
	M(chunks, "of how many chunks the message was put together", M_IF(has_channel)),
	M(status, "result of the service, or reason of an error, in a word"),
	M(status_code, "as a number", .flags = OTO_HEX | OTO_WIDE, M_IF(has_status)),
	M(failures, "how many operations failed", M_IF(has_failures)),
	M(failure, "why the first of them did"),
	M(nodes, "nodes that are touched; of a response those of its request"),
	M(objects, "objects whose methods are called"),
	M(method, "method, where the standard defines it", .names = &opcua_methods, M_IF(has_method)),
	M(attribute, "attribute of the first node", .names = &opcua_attributes, M_IF(has_attribute)),
	M(number_of_items, "how many operations, results, endpoints or notifications", M_IF(has_items)),
	M(values, "values, arguments, names and nodes that were written, read, found or reported"),
	M(subscription_id, "number of the subscription", M_IF(has_subscription)),
	M(more_notifications, "there is more to be told", M_IF(has_more)),
	M(diagnostics, "what the server says of an error, the first text of it"),
	M(reason, "text of an error"),
	M(endpoint_url, "address that is asked for or told"),
	M(server_uri, "server that is meant, or that connects by itself"),
	M(session_name, "what the client calls its session"),
	M(application_uri, "application that describes itself"),
	M(application_name, "its name"),
	M(product_uri, "its product"),
	M(application_type, "what it is", .names = &opcua_applications, M_IF(has_application)),
	M(version, "version of the protocol", M_IF(has_version)),
	M(rcv_buf_size, "longest chunk that the sender takes", M_IF(has_sizes)),
	M(snd_buf_size, "longest chunk that it sends", M_IF(has_sizes)),
	M(max_msg_size, "longest message it takes; 0: any", M_IF(has_sizes)),
	M(max_chunk_cnt, "most chunks of a message; 0: any", M_IF(has_sizes)),
	M(lifetime, "of the channel's keys, in milliseconds", M_IF(has_lifetime)),
	M(latency, "time since the request", .flags = OTO_VARIES, M_IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "opcua",
	  .doc = "OPC UA messages: transport, secure channels, services.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns =
	      "is_orig msg_type pdu_type service sec_channel_id token_id security_mode security_policy sec_policy_uri encrypted session "
	      "user identity "
	      "seq_number request_id request_handle status status_code failures failure nodes objects method attribute number_of_items "
	      "values subscription_id diagnostics reason endpoint_url session_name application_uri application_name product_uri version "
	      "rcv_buf_size snd_buf_size max_msg_size max_chunk_cnt",
	  .key = "orig_h resp_h resp_p is_orig msg_type pdu_type service security_mode security_policy encrypted user identity nodes "
		 "method attribute "
		 "status failure reason endpoint_url application_uri" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("opcua.message", struct opcua_message, message_fields,
	      "One message of OPC UA: of the transport, of a channel, or of a service.", OTO_LOGS(message_logs));

#define V(m, doc, ...) OTO_FIELD(struct opcua_value_event, m, doc, __VA_ARGS__)
#define V_IF(has) .guard = OTO_IF(struct opcua_value_event, has)
static const struct oto_field value_fields[] = {
	V(client, "who reads, writes or is told"),
	V(server, "whose value it is"),
	V(access, "read, write, notify (reported to a subscriber) or history"),
	V(node_id, "node, as the standard writes it; absent when it was named before we looked"),
	V(attribute, "attribute of the node", .names = &opcua_attributes),
	V(index_range, "which part of an array"),
	V(data_type, "built-in type", .names = &opcua_types, V_IF(has_type)),
	V(value, "the value as text"),
	V(number, "the value where it is one number", V_IF(has_number)),
	V(status, "how good it is"),
	V(status_code, "the same as a number, with its details", .flags = OTO_HEX | OTO_WIDE),
	V(source_time, "when it was measured, by the clock of the source", V_IF(has_time)),
	V(user, "user of the session"),
	V(subscription_id, "number of the subscription", V_IF(has_subscription)),
	V(client_handle, "the client's number for a monitored item", V_IF(has_handle)),
};
static const struct oto_log value_logs[] = {
	{ .name = "opcua_value",
	  .doc = "Values of nodes as they are read, written and reported.",
	  .form = OTO_FORM_OFF,
	  .columns =
	      "client server access node_id attribute index_range data_type value status status_code source_time user subscription_id "
	      "client_handle",
	  .key = "client server access node_id attribute status" },
};
static const struct oto_event_type value_type =
    OTO_EVENT("opcua.value", struct opcua_value_event, value_fields, "A value of a node: read, written, reported or out of a history.",
	      OTO_LOGS(value_logs));

#define E(m, doc, ...) OTO_FIELD(struct opcua_endpoint, m, doc, __VA_ARGS__)
static const struct oto_field endpoint_fields[] = {
	E(server, "who offers it"),
	E(client, "who asked"),
	E(endpoint_url, "its address"),
	E(security_mode, "what protects its channels", .names = &opcua_modes),
	E(security_policy, "with which algorithms", .names = &opcua_policies, .guard = OTO_IF(struct opcua_endpoint, has_policy)),
	E(sec_policy_uri, "the policy as it is named"),
	E(identities, "how users may prove who they are"),
	E(security_level, "how good the server thinks it is; more is better"),
	E(application_uri, "application behind it"),
	E(application_name, "its name"),
	E(product_uri, "its product"),
};
static const struct oto_log endpoint_logs[] = {
	{ .name = "opcua_endpoint",
	  .doc = "Endpoints that OPC UA servers offer, with their security.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = "endpoint_url security_mode security_policy sec_policy_uri identities security_level application_uri application_name "
		     "product_uri",
	  .key =
	      "server endpoint_url security_mode security_policy sec_policy_uri identities security_level application_uri application_name "
	      "product_uri" },
};
static const struct oto_event_type endpoint_type =
    OTO_EVENT("opcua.endpoint", struct opcua_endpoint, endpoint_fields, "An endpoint that a server offers.", OTO_LOGS(endpoint_logs));

const struct oto_event_type *const opcua_events[EV_COUNT] = {
	[EV_MESSAGE] = &message_type, [EV_VALUE] = &value_type, [EV_ENDPOINT] = &endpoint_type, [EV_CERTIFICATE] = &tls_certificate_event
};
