/* opcua_tables.c - the words of OPC UA: services with what they do and what their parameters look like, attributes, methods, policies. */
#include "opcua.h"

/* By the encoding id of the request (OPC 10000-6 annex A.3). A method may do anything: what is known of it stands in methods_rows. */
static const struct oto_name services_rows[] = {
	{ 422, "FindServers", OTO_OP_DISCOVER, "which servers are known there" },
	{ 428, "GetEndpoints", OTO_OP_DISCOVER, "how the server can be reached, and with which security" },
	{ 437, "RegisterServer", OTO_OP_OTHER, "a server makes itself known" },
	{ 446, "OpenSecureChannel", OTO_OP_OTHER, "keys of a channel, new or renewed" },
	{ 452, "CloseSecureChannel", 0, "not answered" },
	{ 461, "CreateSession", OTO_OP_OTHER, NULL },
	{ 467, "ActivateSession", OTO_OP_AUTHENTICATE, "a user logs in" },
	{ 473, "CloseSession", OTO_OP_OTHER, NULL },
	{ 479, "Cancel", OTO_OP_OTHER, "requests that wait are given up" },
	{ 488, "AddNodes", OTO_OP_CONFIGURE, "the address space gets new nodes" },
	{ 494, "AddReferences", OTO_OP_CONFIGURE, NULL },
	{ 500, "DeleteNodes", OTO_OP_CONFIGURE, "nodes are gone" },
	{ 506, "DeleteReferences", OTO_OP_CONFIGURE, NULL },
	{ 527, "Browse", OTO_OP_DISCOVER, NULL },
	{ 533, "BrowseNext", OTO_OP_DISCOVER, NULL },
	{ 554, "TranslateBrowsePathsToNodeIds", OTO_OP_DISCOVER, NULL },
	{ 560, "RegisterNodes", OTO_OP_OTHER, "short names for nodes that are used often" },
	{ 566, "UnregisterNodes", OTO_OP_OTHER, NULL },
	{ 615, "QueryFirst", OTO_OP_DISCOVER, NULL },
	{ 621, "QueryNext", OTO_OP_DISCOVER, NULL },
	{ 631, "Read", OTO_OP_READ, NULL },
	{ 664, "HistoryRead", OTO_OP_READ, NULL },
	{ 673, "Write", OTO_OP_WRITE, "attributes of nodes, mostly values: set points and outputs as well" },
	{ 700, "HistoryUpdate", OTO_OP_WRITE, "what was recorded is another now, or is gone" },
	{ 712, "Call", OTO_OP_WRITE, "a method does what its maker made it for" },
	{ 751, "CreateMonitoredItems", OTO_OP_CYCLIC, NULL },
	{ 763, "ModifyMonitoredItems", OTO_OP_CYCLIC, NULL },
	{ 769, "SetMonitoringMode", OTO_OP_CYCLIC, NULL },
	{ 775, "SetTriggering", OTO_OP_CYCLIC, NULL },
	{ 781, "DeleteMonitoredItems", OTO_OP_CYCLIC, NULL },
	{ 787, "CreateSubscription", OTO_OP_CYCLIC, NULL },
	{ 793, "ModifySubscription", OTO_OP_CYCLIC, NULL },
	{ 799, "SetPublishingMode", OTO_OP_CYCLIC, NULL },
	{ 826, "Publish", OTO_OP_CYCLIC, "what changed; the answer waits until something did" },
	{ 832, "Republish", OTO_OP_CYCLIC, "a notification again that was lost" },
	{ 841, "TransferSubscriptions", OTO_OP_CYCLIC, "a session takes over those of another" },
	{ 847, "DeleteSubscriptions", OTO_OP_CYCLIC, NULL },
	{ 12208, "FindServersOnNetwork", OTO_OP_DISCOVER, NULL },
	{ 12211, "RegisterServer2", OTO_OP_OTHER, "a server makes itself known" },
};
const struct oto_names opcua_services = OTO_NAMES(services_rows);

/* What stands behind the header (OPC 10000-4 clause 5), as opcua_walk() reads it. What is not here is read by opcua_session.c. */
#define READ_VALUE_ID "NARq"
#define ITEM_PARAMETERS "H8e41"
#define VIEW "n84"
#define NOTIFICATION "48[E]"
#define RESULTS "[S][g]"
static const struct opcua_form forms[] = {
	{ 452, "", "" },
	{ 473, "1", "" },
	{ 479, "4", "4" },
	{ 488, "[NnnB4en]", "[ST][g]" },
	{ 494, "[Nn1sn4]", RESULTS },
	{ 500, "[N1]", RESULTS },
	{ 506, "[Nn1n1]", RESULTS },
	{ 527, VIEW "4[N4n144]", "[Ss[n1nWl4n]][g]" },
	{ 533, "1[s]", "[Ss[n1nWl4n]][g]" },
	{ 554, "[N[n11B]]", "[S[T4]][g]" },
	{ 560, "[N]", "[T]" },
	{ 566, "[N]", "" },
	{ 615, VIEW "[N1[[n11q]4s]][4[e]]44", "[Tn[V]]s[S[S][g]][g][S[S][g]][g]" },
	{ 621, "1s", "[Tn[V]]s" },
	{ 631, "84[" READ_VALUE_ID "]", "[D][g]" },
	{ 664, "E41[NRqs]", "[SsE][g]" },
	{ 673, "[NARD]", RESULTS },
	{ 700, "[E]", "[S[S][g]][g]" },
	{ 712, "[ON[V]]", "[S[S][g][V]][g]" },
	{ 751, "I4[" READ_VALUE_ID "4" ITEM_PARAMETERS "]", "[SM84e][g]" },
	{ 763, "I4[M" ITEM_PARAMETERS "]", "[S84e][g]" },
	{ 769, "I4[M]", RESULTS },
	{ 775, "IM[M][M]", "[S][g][S][g]" },
	{ 781, "I[M]", RESULTS },
	{ 787, "844411", "I844" },
	{ 793, "I84441", "844" },
	{ 799, "1[I]", RESULTS },
	{ 826, "[I4]", "I[4]P" NOTIFICATION "[4][g]" },
	{ 832, "I4", NOTIFICATION },
	{ 841, "[I]1", "[S[4]][g]" },
	{ 847, "[I]", RESULTS },
	{ 12208, "44[s]", "8[4ww[s]]" },
};

/* What extension objects hold that are read further, by their encoding ids. */
static const struct opcua_form contents[] = {
	{ 658, "[D]", NULL },        /* HistoryData */
	{ 682, "N4[D]", NULL },      /* UpdateDataDetails */
	{ 685, "N4", NULL },         /* UpdateEventDetails, to the filter */
	{ 688, "N188", NULL },       /* DeleteRawModifiedDetails */
	{ 691, "N[8]", NULL },       /* DeleteAtTimeDetails */
	{ 694, "N[s]", NULL },       /* DeleteEventDetails */
	{ 811, "[HD][g]", NULL },    /* DataChangeNotification */
	{ 820, "Sg", NULL },         /* StatusChangeNotification */
	{ 916, "[H[V]]", NULL },     /* EventNotificationList */
	{ 11227, "[D][84s]", NULL }, /* HistoryModifiedData */
	{ 11300, "N4[D]", NULL },    /* UpdateStructureDataDetails */
};

static const struct opcua_form *find_form(const struct opcua_form *rows, uint32_t count, uint32_t id)
{
	for (uint32_t i = 0; i < count; i++) {
		if (rows[i].service == id)
			return &rows[i];
	}
	return NULL;
}

const struct opcua_form *opcua_form_of(uint32_t service)
{
	return find_form(forms, sizeof forms / sizeof *forms, service);
}

const char *opcua_content_of(uint32_t encoding)
{
	const struct opcua_form *f = find_form(contents, sizeof contents / sizeof *contents, encoding);

	return f ? f->request : NULL;
}

/* OPC 10000-4 7.20. */
static const struct oto_name modes_rows[] = {
	{ OPCUA_MODE_UNKNOWN, "invalid", 0, "not known" },
	{ OPCUA_MODE_NONE, "none", 0, "everybody can read and change it" },
	{ OPCUA_MODE_SIGN, "sign", 0, "everybody can read it" },
	{ OPCUA_MODE_ENCRYPT, "sign_and_encrypt", 0, NULL },
};
const struct oto_names opcua_modes = OTO_NAMES(modes_rows);

/* Profiles of OPC 10000-7 whose URIs end so, with the octets of their signatures. */
static const struct {
	struct oto_name name;
	uint8_t signature;
} policies[] = {
	{ { OPCUA_POLICY_NONE, "None", 0, "neither signed nor encrypted" }, 0 },
	{ { 2, "Basic128Rsa15", 0, "deprecated: SHA-1" }, 20 },
	{ { 3, "Basic256", 0, "deprecated: SHA-1" }, 20 },
	{ { 4, "Basic256Sha256", 0, NULL }, 32 },
	{ { 5, "Aes128_Sha256_RsaOaep", 0, NULL }, 32 },
	{ { 6, "Aes256_Sha256_RsaPss", 0, NULL }, 32 },
	{ { 7, "ECC_nistP256", 0, NULL }, 32 },
	{ { 8, "ECC_nistP384", 0, NULL }, 48 },
	{ { 9, "ECC_brainpoolP256r1", 0, NULL }, 32 },
	{ { 10, "ECC_brainpoolP384r1", 0, NULL }, 48 },
	{ { 11, "ECC_curve25519", 0, NULL }, 16 },
	{ { 12, "ECC_curve448", 0, NULL }, 16 },
};
enum { POLICIES = sizeof policies / sizeof *policies };
const struct oto_names opcua_policies = { sizeof(struct oto_names), POLICIES, sizeof *policies, &policies[0].name };

uint32_t opcua_policy_of(struct oto_slice uri)
{
	uint32_t hash = say_find(uri, '#');
	struct oto_slice name = say_from(uri, hash + 1);

	for (uint32_t i = 0; i < POLICIES && hash < uri.len; i++) {
		if (say_is(name, policies[i].name.name))
			return policies[i].name.value;
	}
	return 0;
}

uint32_t opcua_signature_of(uint32_t policy)
{
	return policy && policy <= POLICIES ? policies[policy - 1].signature : 0;
}

/* OPC 10000-4 7.43. */
static const struct oto_name identities_rows[] = {
	{ OPCUA_ANONYMOUS, "anonymous", 0, NULL },
	{ OPCUA_USER_NAME, "user_name", 0, "with a password" },
	{ OPCUA_CERTIFICATE, "certificate", 0, NULL },
	{ OPCUA_ISSUED, "issued_token", 0, "of somebody who knows the users, as with OAuth2 or Kerberos" },
};
const struct oto_names opcua_identities = OTO_NAMES(identities_rows);

/* OPC 10000-4 7.4. */
static const struct oto_name applications_rows[] = {
	{ 0, "server", 0, NULL },
	{ 1, "client", 0, NULL },
	{ 2, "client_and_server", 0, NULL },
	{ 3, "discovery_server", 0, NULL },
};
const struct oto_names opcua_applications = OTO_NAMES(applications_rows);

/* OPC 10000-6 annex A.1. */
static const struct oto_name attributes_rows[] = {
	{ 1, "NodeId", 0, NULL },
	{ 2, "NodeClass", 0, NULL },
	{ 3, "BrowseName", 0, NULL },
	{ 4, "DisplayName", 0, NULL },
	{ 5, "Description", 0, NULL },
	{ 6, "WriteMask", 0, NULL },
	{ 7, "UserWriteMask", 0, NULL },
	{ 8, "IsAbstract", 0, NULL },
	{ 9, "Symmetric", 0, NULL },
	{ 10, "InverseName", 0, NULL },
	{ 11, "ContainsNoLoops", 0, NULL },
	{ 12, "EventNotifier", 0, NULL },
	{ OPCUA_VALUE, "Value", 0, NULL },
	{ 14, "DataType", 0, NULL },
	{ 15, "ValueRank", 0, NULL },
	{ 16, "ArrayDimensions", 0, NULL },
	{ 17, "AccessLevel", 0, NULL },
	{ 18, "UserAccessLevel", 0, NULL },
	{ 19, "MinimumSamplingInterval", 0, NULL },
	{ 20, "Historizing", 0, NULL },
	{ 21, "Executable", 0, NULL },
	{ 22, "UserExecutable", 0, NULL },
	{ 23, "DataTypeDefinition", 0, NULL },
	{ 24, "RolePermissions", 0, NULL },
	{ 25, "UserRolePermissions", 0, NULL },
	{ 26, "AccessRestrictions", 0, NULL },
	{ 27, "AccessLevelEx", 0, NULL },
};
const struct oto_names opcua_attributes = OTO_NAMES(attributes_rows);

/* Built-in types, OPC 10000-6 5.1.2. */
static const struct oto_name types_rows[] = {
	{ 0, "Null", 0, NULL },
	{ 1, "Boolean", 0, NULL },
	{ 2, "SByte", 0, NULL },
	{ 3, "Byte", 0, NULL },
	{ 4, "Int16", 0, NULL },
	{ 5, "UInt16", 0, NULL },
	{ 6, "Int32", 0, NULL },
	{ 7, "UInt32", 0, NULL },
	{ 8, "Int64", 0, NULL },
	{ 9, "UInt64", 0, NULL },
	{ 10, "Float", 0, NULL },
	{ 11, "Double", 0, NULL },
	{ 12, "String", 0, NULL },
	{ 13, "DateTime", 0, NULL },
	{ 14, "Guid", 0, NULL },
	{ 15, "ByteString", 0, NULL },
	{ 16, "XmlElement", 0, NULL },
	{ 17, "NodeId", 0, NULL },
	{ 18, "ExpandedNodeId", 0, NULL },
	{ 19, "StatusCode", 0, NULL },
	{ 20, "QualifiedName", 0, NULL },
	{ 21, "LocalizedText", 0, NULL },
	{ 22, "ExtensionObject", 0, NULL },
	{ 23, "DataValue", 0, NULL },
	{ 24, "Variant", 0, NULL },
	{ 25, "DiagnosticInfo", 0, NULL },
};
const struct oto_names opcua_types = OTO_NAMES(types_rows);

/* OPC 10000-5 12.6. */
static const struct oto_name states_rows[] = {
	{ 0, "Running", 0, NULL },  { 1, "Failed", 0, NULL }, { 2, "NoConfiguration", 0, NULL },    { 3, "Suspended", 0, NULL },
	{ 4, "Shutdown", 0, NULL }, { 5, "Test", 0, NULL },   { 6, "CommunicationFault", 0, NULL }, { 7, "Unknown", 0, NULL },
};
const struct oto_names opcua_states = OTO_NAMES(states_rows);

/* Methods of namespace 0, of types and of the one instance that has a number of its own (OPC 10000-6 annex A.3). */
static const struct oto_name methods_rows[] = {
	{ 2426, "Start", OTO_OP_START, "a program (OPC 10000-10)" },
	{ 2427, "Suspend", OTO_OP_STOP, NULL },
	{ 2428, "Resume", OTO_OP_START, NULL },
	{ 2429, "Halt", OTO_OP_STOP, NULL },
	{ 2430, "Reset", OTO_OP_RESET, NULL },
	{ 2947, "Unshelve", OTO_OP_WRITE, "an alarm (OPC 10000-9)" },
	{ 2948, "OneShotShelve", OTO_OP_WRITE, NULL },
	{ 2949, "TimedShelve", OTO_OP_WRITE, NULL },
	{ 3875, "ConditionRefresh", OTO_OP_READ, NULL },
	{ 9027, "Enable", OTO_OP_WRITE, NULL },
	{ 9028, "Disable", OTO_OP_WRITE, NULL },
	{ 9029, "AddComment", OTO_OP_WRITE, NULL },
	{ 9069, "Respond", OTO_OP_WRITE, NULL },
	{ 9111, "Acknowledge", OTO_OP_WRITE, NULL },
	{ 9113, "Confirm", OTO_OP_WRITE, NULL },
	{ 11489, "GetMonitoredItems", OTO_OP_READ, NULL },
	{ 11492, "GetMonitoredItems", OTO_OP_READ, NULL },
	{ 11580, "Open", OTO_OP_OTHER, "a file (OPC 10000-20)" },
	{ 11583, "Close", OTO_OP_OTHER, NULL },
	{ 11585, "Read", OTO_OP_READ, NULL },
	{ 11588, "Write", OTO_OP_WRITE, NULL },
	{ 11590, "GetPosition", OTO_OP_READ, NULL },
	{ 11593, "SetPosition", OTO_OP_OTHER, NULL },
	{ 12543, "OpenWithMasks", OTO_OP_READ, "the list of trusted certificates (OPC 10000-12)" },
	{ 12546, "CloseAndUpdate", OTO_OP_CONFIGURE, NULL },
	{ 12548, "AddCertificate", OTO_OP_CONFIGURE, NULL },
	{ 12550, "RemoveCertificate", OTO_OP_CONFIGURE, NULL },
	{ 12616, "UpdateCertificate", OTO_OP_CONFIGURE, NULL },
	{ 12731, "CreateSigningRequest", OTO_OP_READ, NULL },
	{ 12734, "ApplyChanges", OTO_OP_CONFIGURE, NULL },
	{ 12737, "CreateSigningRequest", OTO_OP_READ, NULL },
	{ 12740, "ApplyChanges", OTO_OP_CONFIGURE, NULL },
	{ 12746, "SetSubscriptionDurable", OTO_OP_CYCLIC, NULL },
	{ 12749, "SetSubscriptionDurable", OTO_OP_CYCLIC, NULL },
	{ 12775, "GetRejectedList", OTO_OP_READ, NULL },
	{ 12777, "GetRejectedList", OTO_OP_READ, NULL },
	{ 12871, "ResendData", OTO_OP_CYCLIC, NULL },
	{ 12873, "ResendData", OTO_OP_CYCLIC, NULL },
	{ 12883, "RequestServerStateChange", OTO_OP_MODE, "the server shuts down, is suspended, or runs again" },
	{ 12886, "RequestServerStateChange", OTO_OP_MODE, NULL },
	{ 12912, "ConditionRefresh2", OTO_OP_READ, NULL },
	{ 13387, "CreateDirectory", OTO_OP_WRITE, NULL },
	{ 13390, "CreateFile", OTO_OP_WRITE, NULL },
	{ 13393, "Delete", OTO_OP_WRITE, NULL },
	{ 13395, "MoveOrCopy", OTO_OP_WRITE, NULL },
	{ 13737, "UpdateCertificate", OTO_OP_CONFIGURE, NULL },
	{ 14432, "RemoveConnection", OTO_OP_CONFIGURE, "of PubSub (OPC 10000-14)" },
	{ 15215, "GetSecurityKeys", OTO_OP_READ, NULL },
	{ 15624, "AddIdentity", OTO_OP_CONFIGURE, "a role (OPC 10000-18)" },
	{ 15626, "RemoveIdentity", OTO_OP_CONFIGURE, NULL },
	{ 15746, "GenerateFileForRead", OTO_OP_READ, NULL },
	{ 15749, "GenerateFileForWrite", OTO_OP_OTHER, NULL },
	{ 15751, "CloseAndCommit", OTO_OP_WRITE, NULL },
	{ 15997, "AddRole", OTO_OP_CONFIGURE, NULL },
	{ 16000, "RemoveRole", OTO_OP_CONFIGURE, NULL },
	{ 16348, "CreateDirectory", OTO_OP_WRITE, NULL },
	{ 16351, "CreateFile", OTO_OP_WRITE, NULL },
	{ 16354, "Delete", OTO_OP_WRITE, NULL },
	{ 16356, "MoveOrCopy", OTO_OP_WRITE, NULL },
	{ 16402, "Silence", OTO_OP_WRITE, NULL },
	{ 16403, "Suppress", OTO_OP_WRITE, "an alarm is not told" },
	{ 16598, "AddConnection", OTO_OP_CONFIGURE, NULL },
	{ 17296, "SetSecurityKeys", OTO_OP_CONFIGURE, NULL },
	{ 17364, "SetSecurityKeys", OTO_OP_CONFIGURE, NULL },
	{ 17366, "AddConnection", OTO_OP_CONFIGURE, NULL },
	{ 17369, "RemoveConnection", OTO_OP_CONFIGURE, NULL },
	{ 17868, "Unsuppress", OTO_OP_WRITE, NULL },
	{ 17869, "RemoveFromService", OTO_OP_WRITE, "an alarm is not told" },
	{ 17870, "PlaceInService", OTO_OP_WRITE, NULL },
	{ 18199, "Reset", OTO_OP_WRITE, "an alarm" },
	{ 24269, "AddUser", OTO_OP_CONFIGURE, NULL },
	{ 24271, "ModifyUser", OTO_OP_CONFIGURE, NULL },
	{ 24273, "RemoveUser", OTO_OP_CONFIGURE, NULL },
	{ 24275, "ChangePassword", OTO_OP_CONFIGURE, NULL },
	{ 24304, "AddUser", OTO_OP_CONFIGURE, NULL },
	{ 24306, "ModifyUser", OTO_OP_CONFIGURE, NULL },
	{ 24308, "RemoveUser", OTO_OP_CONFIGURE, NULL },
	{ 24310, "ChangePassword", OTO_OP_CONFIGURE, NULL },
	{ 25698, "CancelChanges", OTO_OP_CONFIGURE, NULL },
	{ 25699, "ResetToServerDefaults", OTO_OP_RESET, NULL },
	{ 25708, "CancelChanges", OTO_OP_CONFIGURE, NULL },
	{ 25709, "ResetToServerDefaults", OTO_OP_RESET, NULL },
};
const struct oto_names opcua_methods = OTO_NAMES(methods_rows);
