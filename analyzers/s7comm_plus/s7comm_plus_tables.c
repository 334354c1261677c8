/* s7comm_plus_tables.c - the words of S7comm-plus. Siemens does not publish the protocol: numbers are those that traffic and the published
 * descriptions of it agree on. Function words are ICSNPP's where it has one.
 */
#include "s7comm_plus_tables.h"

static const struct oto_name opcode_rows[] = {
	{ S7P_REQUEST, "Request", 0, NULL },
	{ S7P_RESPONSE, "Response", 0, NULL },
	{ S7P_NOTIFICATION, "Notification", 0, "values of a subscription" },
	{ S7P_RESPONSE2, "Unknown s7comm-plus opcode-0x02", 0, "a short response to a request that wanted none" },
	{ 0, "Unknown s7comm-plus opcode-0x00", 0, "none: a keep-alive or system event" },
};
const struct oto_names s7p_opcodes = OTO_NAMES(opcode_rows);

/* What a function does unless its object and attribute say more. */
static const struct oto_name function_rows[] = {
	{ S7P_ERROR, "Error", 0, NULL },
	{ S7P_EXPLORE, "Explore", OTO_OP_DISCOVER, "reads an object with its attributes and children; blocks: the program" },
	{ S7P_CREATE_OBJECT, "Create Object", OTO_OP_CONFIGURE,
	  "opens a session, subscribes, loads a block or the hardware configuration" },
	{ S7P_DELETE_OBJECT, "Delete Object", OTO_OP_CONFIGURE, "closes a session, ends a subscription, deletes a block" },
	{ S7P_SET_VARIABLE, "Set Variable", OTO_OP_CONFIGURE, "writes an attribute: operating state, clock, protection, configuration" },
	{ S7P_GET_VARIABLE, "Get Variable", OTO_OP_READ, "reads an attribute" },
	{ S7P_ADD_LINK, "Add Link", OTO_OP_CONFIGURE, NULL },
	{ S7P_REMOVE_LINK, "Remove Link", OTO_OP_CONFIGURE, NULL },
	{ S7P_GET_LINK, "Get Link", OTO_OP_READ, "asks which objects belong to one" },
	{ S7P_NOTIFY, "Notify", 0, NULL },
	{ S7P_SET_MULTI_VARIABLES, "Set Multi Variables", OTO_OP_WRITE, "writes variables, or attributes of an object" },
	{ S7P_GET_MULTI_VARIABLES, "Get Multi Variables", OTO_OP_READ, "reads variables" },
	{ S7P_BEGIN_SEQUENCE, "Begin Sequence", OTO_OP_PROGRAM_WRITE, "begins a download" },
	{ S7P_END_SEQUENCE, "End Sequence", OTO_OP_PROGRAM_WRITE, "puts in force what was downloaded" },
	{ S7P_INVOKE, "Invoke", OTO_OP_OTHER, "calls a method of an object" },
	{ S7P_SET_VAR_SUBSTREAMED, "Set Variable Sub Streamed", OTO_OP_CONFIGURE, "writes a large attribute; the password" },
	{ S7P_GET_VAR_SUBSTREAMED, "Get Variable Sub Streamed", OTO_OP_READ, "reads a large attribute" },
	{ S7P_GET_VARIABLES_ADDRESS, "Get Variables Address", OTO_OP_DISCOVER, NULL },
	{ S7P_ABORT, "Abort", 0, NULL },
	{ S7P_ERROR2, "Error 2", 0, NULL },
	{ S7P_INIT_SSL, "Init SSL", 0, "what follows is TLS" },
};
const struct oto_names s7p_functions = OTO_NAMES(function_rows);

static const struct oto_name object_rows[] = {
	{ 1, "ASRoot", 0, NULL },
	{ S7P_OBJ_HW_CONFIGURATION, "HWConfiguration", 0, NULL },
	{ S7P_OBJ_PLC_PROGRAM, "PLCProgram", 0, NULL },
	{ 4, "Folders", 0, NULL },
	{ 5, "Logs", 0, NULL },
	{ 8, "AlarmSubsystem", 0, NULL },
	{ 10, "SWEvents", 0, NULL },
	{ 11, "TisSubsystem", 0, "watches the program" },
	{ 12, "CommCont", 0, NULL },
	{ 14, "ProgramCyclePI", 0, NULL },
	{ 15, "SWObjectsAppCreated", 0, NULL },
	{ 30, "StationConfiguration", 0, NULL },
	{ 31, "StationCentralDevice", 0, NULL },
	{ 32, "CentralDevice", 0, NULL },
	{ 33, "centralIOcontroller", 0, NULL },
	{ 34, "centralIOsystem", 0, NULL },
	{ 35, "RoutingTables", 0, NULL },
	{ S7P_OBJ_CPU, "CPU", 0, NULL },
	{ S7P_OBJ_CPU_PROXY, "CPUproxy", 0, NULL },
	{ S7P_OBJ_CPU_COMMON, "CPUcommon", 0, NULL },
	{ 51, "CardReaderWriter", 0, NULL },
	{ S7P_OBJ_CPU_EXEC_UNIT, "CPUexecUnit", 0, "stops and starts" },
	{ 53, "WebServer", 0, NULL },
	{ 54, "CPUDisplay", 0, NULL },
	{ 55, "CPUFexecUnit", 0, NULL },
	{ 56, "PLCProgramChange", 0, NULL },
	{ 64, "IE1", 0, "the first PROFINET interface" },
	{ 72, "IE2", 0, NULL },
	{ S7P_OBJ_I_AREA, "I", 0, NULL },
	{ S7P_OBJ_Q_AREA, "Q", 0, NULL },
	{ S7P_OBJ_M_AREA, "M", 0, NULL },
	{ S7P_OBJ_COUNTERS, "C", 0, NULL },
	{ S7P_OBJ_TIMERS, "T", 0, NULL },
	{ 85, "RuntimeMeters", 0, NULL },
	{ 114, "TextContainer", 0, NULL },
	{ 115, "PkiContainer", 0, NULL },
	{ 201, "ObjectRoot", 0, NULL },
	{ 211, "GetNewRIDOnServer", 0, NULL },
	{ S7P_OBJ_SESSIONS, "ServerSessionContainer", 0, NULL },
	{ 288, "NullServerSession", 0, NULL },
	{ 537, "OMSTypeInfoContainer", 0, "the names and types of variables" },
};
const struct oto_names s7p_objects = OTO_NAMES(object_rows);

static const struct oto_name class_rows[] = {
	{ 255, "Subscriptions", 0, NULL },
	{ S7P_CLASS_SESSION, "ServerSession", 0, NULL },
	{ 511, "TypeInfo", 0, NULL },
	{ 534, "OMSTypeInfoContainer", 0, NULL },
	{ S7P_CLASS_SUBSCRIPTION, "Subscription", OTO_OP_CYCLIC, NULL },
	{ S7P_CLASS_DL_TRANSACTION, "DLTransaction", OTO_OP_PROGRAM_WRITE, NULL },
	{ S7P_CLASS_DEVICE, "CentralDevice", OTO_OP_CONFIGURE, NULL },
	{ S7P_CLASS_CPU, "CPU", OTO_OP_CONFIGURE, NULL },
	{ 2378, "ReleaseMngmtRoot", OTO_OP_CONFIGURE, NULL },
	{ 2436, "CPUcommon", OTO_OP_CONFIGURE, NULL },
	{ 2478, "ASRoot", 0, NULL },
	{ S7P_CLASS_HW_CONFIGURATION, "HWConfiguration", OTO_OP_CONFIGURE, NULL },
	{ 2520, "PLCProgram", OTO_OP_PROGRAM_WRITE, NULL },
	{ S7P_CLASS_DB, "DB", OTO_OP_PROGRAM_WRITE, NULL },
	{ S7P_CLASS_FB, "FB", OTO_OP_PROGRAM_WRITE, NULL },
	{ S7P_CLASS_FC, "FC", OTO_OP_PROGRAM_WRITE, NULL },
	{ S7P_CLASS_OB, "OB", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2640, "CyclicOB", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2641, "DiagnosticErrorOB", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2645, "ProcessEventOB", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2647, "ProgramCycleOB", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2651, "StartupOB", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2655, "TimeDelayOB", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2656, "TimeErrorOB", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2657, "TimeOfDayOB", OTO_OP_PROGRAM_WRITE, NULL },
	{ S7P_CLASS_ALARM_SUBSCRIPTION, "AlarmSubscriptionRef", OTO_OP_CYCLIC, NULL },
	{ S7P_CLASS_ALARM, "DAI", 0, "an alarm" },
	{ S7P_CLASS_WATCH_JOB, "SessionTisJob", OTO_OP_DIAGNOSE, "watches or steps the program" },
	{ S7P_CLASS_WATCH_SUBSCRIPTION, "TisSubscriptionRef", OTO_OP_DIAGNOSE, NULL },
	{ S7P_CLASS_UDT, "UDT", OTO_OP_PROGRAM_WRITE, NULL },
	{ S7P_CLASS_FBT, "FBT", OTO_OP_PROGRAM_WRITE, NULL },
	{ S7P_CLASS_SDT, "SDT", OTO_OP_PROGRAM_WRITE, NULL },
	{ S7P_CLASS_FCT, "FCT", OTO_OP_PROGRAM_WRITE, NULL },
	{ 3942, "CommCont", OTO_OP_CONFIGURE, NULL },
	{ 4273, "EsInfo", OTO_OP_PROGRAM_WRITE, "what the engineering station keeps with the program" },
	{ 8040, "PLCProgramChange", OTO_OP_PROGRAM_WRITE, NULL },
};
const struct oto_names s7p_classes = OTO_NAMES(class_rows);

/* What it does to write the attribute; what it is to read it where that is more than reading. */
static const struct oto_name attribute_rows[] = {
	{ S7P_ATTR_NAME, "Name", 0, NULL },
	{ 289, "SessionClientID", OTO_OP_OTHER, NULL },
	{ 296, "SessionUser", OTO_OP_OTHER, NULL },
	{ 297, "SessionApplication", OTO_OP_OTHER, NULL },
	{ S7P_ATTR_SESSION_HOST, "SessionHost", OTO_OP_OTHER, NULL },
	{ 299, "SessionRole", OTO_OP_OTHER, NULL },
	{ 300, "SessionClientRID", OTO_OP_OTHER, NULL },
	{ 302, "SessionTimeout", OTO_OP_OTHER, NULL },
	{ S7P_ATTR_CHALLENGE, "SessionChallenge", OTO_OP_AUTHENTICATE, NULL },
	{ S7P_ATTR_RESPONSE, "SessionResponse", OTO_OP_AUTHENTICATE, NULL },
	{ 305, "SessionRoles", OTO_OP_OTHER, NULL },
	{ S7P_ATTR_SESSION_VERSION, "SessionVersion", OTO_OP_OTHER, NULL },
	{ S7P_ATTR_CLIENT_PASSWORD, "ClientSessionPassword", OTO_OP_AUTHENTICATE, NULL },
	{ 310, "ClientSessionLegitimated", OTO_OP_AUTHENTICATE, NULL },
	{ S7P_ATTR_VERSION_STRING, "SessionVersionSystemPAOMString", 0, NULL },
	{ S7P_ATTR_MEMORY_RESET, "MemoryReset", OTO_OP_RESET, "deletes program and data" },
	{ S7P_ATTR_ROOT_RESET, "Reset", OTO_OP_RESET, NULL },
	{ 1041, "SubscriptionActive", OTO_OP_CYCLIC, NULL },
	{ S7P_ATTR_SUBSCRIBED, "SubscriptionReferenceList", OTO_OP_CYCLIC, NULL },
	{ 1049, "SubscriptionCycleTime", OTO_OP_CYCLIC, NULL },
	{ 1051, "SubscriptionDisabled", OTO_OP_CYCLIC, NULL },
	{ S7P_ATTR_CREDIT_LIMIT, "SubscriptionCreditLimit", OTO_OP_CYCLIC, NULL },
	{ 1842, "EffectiveProtectionLevel", OTO_OP_CONFIGURE, NULL },
	{ 1843, "ActiveProtectionLevel", OTO_OP_CONFIGURE, NULL },
	{ S7P_ATTR_LEGITIMATE, "Legitimate", OTO_OP_AUTHENTICATE, "the password" },
	{ S7P_ATTR_CARD_COMMAND, "CardReaderWriter.MCcommandREQ", OTO_OP_RESET, "formats the memory card" },
	{ S7P_ATTR_OPERATING_STATE, "CPUexecUnit.OperatingStateREQ", OTO_OP_MODE, "1 stops, 3 starts" },
	{ S7P_ATTR_LOCAL_TIME, "CPUcommon.LocalTime", OTO_OP_TIME, NULL },
	{ S7P_ATTR_SYSTEM_TIME, "CPUcommon.SystemTime", OTO_OP_TIME, NULL },
	{ 2422, "CPUcommon.TimeTransformationRuleConfig", OTO_OP_TIME, NULL },
	{ 2449, "IdentES", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2453, "LastModified", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2454, "LoadMemorySize", 0, NULL },
	{ 2459, "ASRoot.ESversion", OTO_OP_CONFIGURE, NULL },
	{ 2461, "ASRoot.AOMVersion", 0, NULL },
	{ 2521, "Block.BlockNumber", 0, NULL },
	{ S7P_ATTR_VALUE_INITIAL, "ValueInitial", OTO_OP_WRITE, NULL },
	{ S7P_ATTR_VALUE_ACTUAL, "ValueActual", OTO_OP_WRITE, NULL },
	{ S7P_ATTR_CODE, "Code", OTO_OP_PROGRAM_WRITE, NULL },
	{ 2688, "TisJobEnabledActual", OTO_OP_DIAGNOSE, NULL },
	{ 2692, "TisJob.NotificationCredit", OTO_OP_DIAGNOSE, NULL },
	{ 2693, "TisJob.Request", OTO_OP_DIAGNOSE, NULL },
	{ 3448, "KnowhowProtection.Mode", OTO_OP_CONFIGURE, NULL },
	{ 3449, "KnowhowProtection.Password", OTO_OP_CONFIGURE, NULL },
	{ 3451, "CPUcommon.CPUProtectionLevel", OTO_OP_CONFIGURE, NULL },
	{ 3452, "Protection.Password", OTO_OP_CONFIGURE, NULL },
	{ 3453, "Protection.FailsafePassword", OTO_OP_CONFIGURE, NULL },
	{ 3587, "NetworkParamConfig", OTO_OP_CONFIGURE, "addresses" },
	{ 3588, "NetworkParamAdapted", OTO_OP_CONFIGURE, "addresses" },
	{ 3635, "PLCProgram.ESconsistent", OTO_OP_PROGRAM_WRITE, NULL },
	{ 3701, "CPUcommon.CPULeds", OTO_OP_DIAGNOSE, "flashes lights" },
	{ 3735, "ValueInitial", OTO_OP_WRITE, NULL },
	{ S7P_ATTR_AREA_VALUE_ACTUAL, "ValueActual", OTO_OP_WRITE, NULL },
	{ S7P_ATTR_AS_STATE, "CPUcommon.ASStateREQ", OTO_OP_MODE, NULL },
	{ 3753, "IuM0DataActual", 0, "order number, serial number, firmware" },
	{ 4271, "PLCProgram.Change", OTO_OP_PROGRAM_WRITE, NULL },
	{ 4543, "PLCProgram.ChangeIdent", OTO_OP_PROGRAM_WRITE, NULL },
};
const struct oto_names s7p_attributes = OTO_NAMES(attribute_rows);

/* The low half of a return value, signed. Zero and above: done, some with a warning. */
static const struct oto_name error_rows[] = {
	{ (uint16_t)-1, "unknown_error", 0, NULL },
	{ (uint16_t)-2, "invalid_value_type", 0, NULL },
	{ (uint16_t)-3, "invalid_argument_value", 0, NULL },
	{ (uint16_t)-4, "not_enough_memory", 0, NULL },
	{ (uint16_t)-12, "object_not_found", 0, NULL },
	{ (uint16_t)-17, "invalid_crc", 0, "the address is not of this program" },
	{ (uint16_t)-118, "session_delegitimated", 0, "a password was wrong; an older form" },
	{ (uint16_t)-134, "multi_es_not_supported", 0, "another engineering station is at it" },
	{ (uint16_t)-255, "invalid_lid", 0, NULL },
	{ 17, "session_pre_legitimated", 0, "no password is needed for this" },
	{ 18, "ignored", 0, NULL },
	{ 19, "partial_error", 0, "some of it could not be done" },
	{ 21, "too_many_notifications", 0, NULL },
	{ 22, "session_delegitimated", 0, "a password was wrong, or is no longer in force" },
	{ 23, "end_of_file", 0, NULL },
	{ 24, "subscription_disabled", 0, NULL },
	{ 25, "legitimated_for_level_2", 0, "a password was right" },
	{ 26, "legitimated_for_level_3", 0, "a password was right" },
	{ 33, "legitimated_for_level_1", 0, "a password was right" },
	{ 34, "transaction_aborted", 0, NULL },
	{ 35, "blob_reallocated", 0, NULL },
	{ 37, "temporarily_out_of_resources", 0, NULL },
	{ 38, "level_disabled", 0, NULL },
	{ 40, "blob_end_reached", 0, NULL },
};
const struct oto_names s7p_errors = OTO_NAMES(error_rows);

/* The states of S7 controllers since S7-300; what is seen in traffic of S7-1200 and S7-1500 is 4, 6 and 8. */
static const struct oto_name state_rows[] = {
	{ 1, "STOP", 0, "for an update" },
	{ 2, "STOP", 0, "memory reset" },
	{ 3, "STOP", 0, "self-initialization" },
	{ 4, "STOP", 0, NULL },
	{ 5, "STARTUP", 0, "cold" },
	{ 6, "STARTUP", 0, "warm" },
	{ 7, "STARTUP", 0, "hot" },
	{ 8, "RUN", 0, NULL },
	{ 9, "RUN", 0, "redundant" },
	{ 10, "HOLD", 0, NULL },
	{ 11, "LINK-UP", 0, NULL },
	{ 12, "UPDATE", 0, NULL },
	{ 13, "DEFECT", 0, NULL },
};
const struct oto_names s7p_states = OTO_NAMES(state_rows);

static const struct oto_name alarm_state_rows[] = {
	{ S7P_ALARM_COMING, "coming", 0, NULL },
	{ S7P_ALARM_GOING, "going", 0, NULL },
};
const struct oto_names s7p_alarm_states = OTO_NAMES(alarm_state_rows);

const char *s7p_block_of_class(uint32_t class)
{
	switch (class) {
	case S7P_CLASS_DB:
		return "DB";
	case S7P_CLASS_FB:
		return "FB";
	case S7P_CLASS_FC:
		return "FC";
	case S7P_CLASS_UDT:
		return "UDT";
	case S7P_CLASS_FBT:
		return "FBT";
	case S7P_CLASS_SDT:
		return "SDT";
	case S7P_CLASS_FCT:
		return "FCT";
	default:
		return class == S7P_CLASS_OB || (class >= S7P_CLASS_OB_FIRST && class <= S7P_CLASS_OB_LAST) ? "OB" : NULL;
	}
}

/* The upper half of the identifier of a block: what is seen in traffic; an instance's lower half is its number. The older form of
 * S7-1200 has the kind in the first byte.
 */
const char *s7p_block_of_object(uint32_t object)
{
	switch (object >> 16) {
	case 0x8a0e:
		return "DB";
	case 0x8a20:
		return "FB";
	case 0x8a24:
		return "UDT";
	case 0x8a32:
		return "OB";
	case 0x9200:
		return "DB";
	case 0x9300:
		return "FB";
	case 0x9400:
		return "FC";
	case 0x9500:
		return "OB";
	default:
		return NULL;
	}
}
