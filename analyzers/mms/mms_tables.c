/* mms_tables.c - the words of ISO 9506-2: PDUs, services with what they do to a device, classes of objects, errors and states. */
#include "mms.h"

/* Clause 7.1, by their tags. */
static const struct oto_name pdus_rows[] = {
	{ 0, "confirmed_request", 0, NULL },
	{ 1, "confirmed_response", 0, NULL },
	{ 2, "confirmed_error", 0, NULL },
	{ 3, "unconfirmed", 0, NULL },
	{ 4, "reject", 0, NULL },
	{ 5, "cancel_request", 0, NULL },
	{ 6, "cancel_response", 0, NULL },
	{ 7, "cancel_error", 0, NULL },
	{ 8, "initiate_request", 0, NULL },
	{ 9, "initiate_response", 0, NULL },
	{ 10, "initiate_error", 0, NULL },
	{ 11, "conclude_request", 0, NULL },
	{ 12, "conclude_response", 0, NULL },
	{ 13, "conclude_error", 0, NULL },
};
const struct oto_names mms_pdus = OTO_NAMES(pdus_rows);

/* Confirmed services by their tags, the unconfirmed from 100 on. */
static const struct oto_name services_rows[] = {
	{ 0, "status", OTO_OP_DIAGNOSE, NULL },
	{ 1, "getNameList", OTO_OP_DISCOVER, NULL },
	{ 2, "identify", OTO_OP_DISCOVER, NULL },
	{ 3, "rename", OTO_OP_CONFIGURE, NULL },
	{ 4, "read", OTO_OP_READ, NULL },
	{ 5, "write", OTO_OP_WRITE, NULL },
	{ 6, "getVariableAccessAttributes", OTO_OP_DISCOVER, NULL },
	{ 7, "defineNamedVariable", OTO_OP_CONFIGURE, NULL },
	{ 8, "defineScatteredAccess", OTO_OP_CONFIGURE, NULL },
	{ 9, "getScatteredAccessAttributes", OTO_OP_DISCOVER, NULL },
	{ 10, "deleteVariableAccess", OTO_OP_CONFIGURE, NULL },
	{ 11, "defineNamedVariableList", OTO_OP_CONFIGURE, NULL },
	{ 12, "getNamedVariableListAttributes", OTO_OP_DISCOVER, NULL },
	{ 13, "deleteNamedVariableList", OTO_OP_CONFIGURE, NULL },
	{ 14, "defineNamedType", OTO_OP_CONFIGURE, NULL },
	{ 15, "getNamedTypeAttributes", OTO_OP_DISCOVER, NULL },
	{ 16, "deleteNamedType", OTO_OP_CONFIGURE, NULL },
	{ 17, "input", OTO_OP_READ, NULL },
	{ 18, "output", OTO_OP_WRITE, NULL },
	{ 19, "takeControl", OTO_OP_AUTHENTICATE, NULL },
	{ 20, "relinquishControl", OTO_OP_AUTHENTICATE, NULL },
	{ 21, "defineSemaphore", OTO_OP_CONFIGURE, NULL },
	{ 22, "deleteSemaphore", OTO_OP_CONFIGURE, NULL },
	{ 23, "reportSemaphoreStatus", OTO_OP_DIAGNOSE, NULL },
	{ 24, "reportPoolSemaphoreStatus", OTO_OP_DIAGNOSE, NULL },
	{ 25, "reportSemaphoreEntryStatus", OTO_OP_DIAGNOSE, NULL },
	{ 26, "initiateDownloadSequence", OTO_OP_PROGRAM_WRITE, NULL },
	{ 27, "downloadSegment", OTO_OP_PROGRAM_WRITE, NULL },
	{ 28, "terminateDownloadSequence", OTO_OP_PROGRAM_WRITE, NULL },
	{ 29, "initiateUploadSequence", OTO_OP_PROGRAM_READ, NULL },
	{ 30, "uploadSegment", OTO_OP_PROGRAM_READ, NULL },
	{ 31, "terminateUploadSequence", OTO_OP_PROGRAM_READ, NULL },
	{ 32, "requestDomainDownload", OTO_OP_PROGRAM_WRITE, NULL },
	{ 33, "requestDomainUpload", OTO_OP_PROGRAM_READ, NULL },
	{ 34, "loadDomainContent", OTO_OP_PROGRAM_WRITE, NULL },
	{ 35, "storeDomainContent", OTO_OP_PROGRAM_READ, NULL },
	{ 36, "deleteDomain", OTO_OP_PROGRAM_WRITE, NULL },
	{ 37, "getDomainAttributes", OTO_OP_DISCOVER, NULL },
	{ 38, "createProgramInvocation", OTO_OP_CONFIGURE, NULL },
	{ 39, "deleteProgramInvocation", OTO_OP_CONFIGURE, NULL },
	{ 40, "start", OTO_OP_START, NULL },
	{ 41, "stop", OTO_OP_STOP, NULL },
	{ 42, "resume", OTO_OP_START, NULL },
	{ 43, "reset", OTO_OP_RESET, NULL },
	{ 44, "kill", OTO_OP_STOP, NULL },
	{ 45, "getProgramInvocationAttributes", OTO_OP_DISCOVER, NULL },
	{ 46, "obtainFile", OTO_OP_WRITE, NULL },
	{ 47, "defineEventCondition", OTO_OP_CONFIGURE, NULL },
	{ 48, "deleteEventCondition", OTO_OP_CONFIGURE, NULL },
	{ 49, "getEventConditionAttributes", OTO_OP_DISCOVER, NULL },
	{ 50, "reportEventConditionStatus", OTO_OP_DIAGNOSE, NULL },
	{ 51, "alterEventConditionMonitoring", OTO_OP_CONFIGURE, NULL },
	{ 52, "triggerEvent", OTO_OP_WRITE, NULL },
	{ 53, "defineEventAction", OTO_OP_CONFIGURE, NULL },
	{ 54, "deleteEventAction", OTO_OP_CONFIGURE, NULL },
	{ 55, "getEventActionAttributes", OTO_OP_DISCOVER, NULL },
	{ 56, "reportEventActionStatus", OTO_OP_DIAGNOSE, NULL },
	{ 57, "defineEventEnrollment", OTO_OP_CONFIGURE, NULL },
	{ 58, "deleteEventEnrollment", OTO_OP_CONFIGURE, NULL },
	{ 59, "alterEventEnrollment", OTO_OP_CONFIGURE, NULL },
	{ 60, "reportEventEnrollmentStatus", OTO_OP_DIAGNOSE, NULL },
	{ 61, "getEventEnrollmentAttributes", OTO_OP_DISCOVER, NULL },
	{ 62, "acknowledgeEventNotification", OTO_OP_WRITE, NULL },
	{ 63, "getAlarmSummary", OTO_OP_DIAGNOSE, NULL },
	{ 64, "getAlarmEnrollmentSummary", OTO_OP_DIAGNOSE, NULL },
	{ 65, "readJournal", OTO_OP_READ, NULL },
	{ 66, "writeJournal", OTO_OP_WRITE, NULL },
	{ 67, "initializeJournal", OTO_OP_CLEAR, NULL },
	{ 68, "reportJournalStatus", OTO_OP_DIAGNOSE, NULL },
	{ 69, "createJournal", OTO_OP_CONFIGURE, NULL },
	{ 70, "deleteJournal", OTO_OP_CONFIGURE, NULL },
	{ 71, "getCapabilityList", OTO_OP_DISCOVER, NULL },
	{ 72, "fileOpen", OTO_OP_READ, NULL },
	{ 73, "fileRead", OTO_OP_READ, NULL },
	{ 74, "fileClose", OTO_OP_READ, NULL },
	{ 75, "fileRename", OTO_OP_WRITE, NULL },
	{ 76, "fileDelete", OTO_OP_WRITE, NULL },
	{ 77, "fileDirectory", OTO_OP_READ, NULL },
	{ 78, "additionalService", OTO_OP_OTHER, NULL },
	{ 80, "getDataExchangeAttributes", OTO_OP_DISCOVER, NULL },
	{ 81, "exchangeData", OTO_OP_WRITE, NULL },
	{ 82, "defineAccessControlList", OTO_OP_CONFIGURE, NULL },
	{ 83, "getAccessControlListAttributes", OTO_OP_DISCOVER, NULL },
	{ 84, "reportAccessControlledObjects", OTO_OP_DISCOVER, NULL },
	{ 85, "deleteAccessControlList", OTO_OP_CONFIGURE, NULL },
	{ 86, "changeAccessControl", OTO_OP_CONFIGURE, NULL },
	{ 100, "informationReport", OTO_OP_CYCLIC, NULL },
	{ 101, "unsolicitedStatus", OTO_OP_DIAGNOSE, NULL },
	{ 102, "eventNotification", OTO_OP_CYCLIC, NULL },
};
const struct oto_names mms_services = OTO_NAMES(services_rows);

static const struct oto_name classes_rows[] = {
	{ 0, "namedVariable", 0, NULL }, { 1, "scatteredAccess", 0, NULL },    { 2, "namedVariableList", 0, NULL },
	{ 3, "namedType", 0, NULL },     { 4, "semaphore", 0, NULL },          { 5, "eventCondition", 0, NULL },
	{ 6, "eventAction", 0, NULL },   { 7, "eventEnrollment", 0, NULL },    { 8, "journal", 0, NULL },
	{ 9, "domain", 0, NULL },        { 10, "programInvocation", 0, NULL }, { 11, "operatorStation", 0, NULL },
	{ 12, "dataExchange", 0, NULL }, { 13, "accessControlList", 0, NULL },
};
const struct oto_names mms_classes = OTO_NAMES(classes_rows);

static const struct oto_name logical_rows[] = {
	{ 0, "state_changes_allowed", 0, NULL },
	{ 1, "no_state_changes_allowed", 0, NULL },
	{ 2, "limited_services_permitted", 0, NULL },
	{ 3, "support_services_allowed", 0, NULL },
};
const struct oto_names mms_logical = OTO_NAMES(logical_rows);

static const struct oto_name physical_rows[] = {
	{ 0, "operational", 0, NULL },
	{ 1, "partially_operational", 0, NULL },
	{ 2, "inoperable", 0, NULL },
	{ 3, "needs_commissioning", 0, NULL },
};
const struct oto_names mms_physical = OTO_NAMES(physical_rows);

/* DataAccessError, clause 14.4.4. */
static const struct oto_name access_errors_rows[] = {
	{ 0, "object_invalidated", 0, NULL },
	{ 1, "hardware_fault", 0, NULL },
	{ 2, "temporarily_unavailable", 0, NULL },
	{ 3, "object_access_denied", 0, NULL },
	{ 4, "object_undefined", 0, NULL },
	{ 5, "invalid_address", 0, NULL },
	{ 6, "type_unsupported", 0, NULL },
	{ 7, "type_inconsistent", 0, NULL },
	{ 8, "object_attribute_inconsistent", 0, NULL },
	{ 9, "object_access_unsupported", 0, NULL },
	{ 10, "object_non_existent", 0, NULL },
	{ 11, "object_value_invalid", 0, NULL },
};
const struct oto_names mms_access_errors = OTO_NAMES(access_errors_rows);

/* What was rejected, clause 7.6. */
static const struct oto_name rejects_rows[] = {
	{ 1, "confirmed_request", 0, NULL },  { 2, "confirmed_response", 0, NULL }, { 3, "confirmed_error", 0, NULL },
	{ 4, "unconfirmed", 0, NULL },        { 5, "pdu_error", 0, NULL },          { 6, "cancel_request", 0, NULL },
	{ 7, "cancel_response", 0, NULL },    { 8, "cancel_error", 0, NULL },       { 9, "conclude_request", 0, NULL },
	{ 10, "conclude_response", 0, NULL }, { 11, "conclude_error", 0, NULL },
};
const struct oto_names mms_rejects = OTO_NAMES(rejects_rows);

/* ServiceError, clause 7.4. */
static const struct oto_name error_classes_rows[] = {
	{ 0, "vmd_state", 0, NULL },       { 1, "application_reference", 0, NULL },
	{ 2, "definition", 0, NULL },      { 3, "resource", 0, NULL },
	{ 4, "service", 0, NULL },         { 5, "service_preempt", 0, NULL },
	{ 6, "time_resolution", 0, NULL }, { 7, "access", 0, NULL },
	{ 8, "initiate", 0, NULL },        { 9, "conclude", 0, NULL },
	{ 10, "cancel", 0, NULL },         { 11, "file", 0, NULL },
	{ 12, "others", 0, NULL },
};
const struct oto_names mms_error_classes = OTO_NAMES(error_classes_rows);

static const struct oto_name error_rows[] = {
	{ 0, "vmd_state.other", 0, NULL },
	{ 1, "vmd_state.vmd_state_conflict", 0, NULL },
	{ 2, "vmd_state.vmd_operational_problem", 0, NULL },
	{ 3, "vmd_state.domain_transfer_problem", 0, NULL },
	{ 4, "vmd_state.state_machine_id_invalid", 0, NULL },
	{ 256, "application_reference.other", 0, NULL },
	{ 257, "application_reference.application_unreachable", 0, NULL },
	{ 258, "application_reference.connection_lost", 0, NULL },
	{ 259, "application_reference.application_reference_invalid", 0, NULL },
	{ 260, "application_reference.context_unsupported", 0, NULL },
	{ 512, "definition.other", 0, NULL },
	{ 513, "definition.object_undefined", 0, NULL },
	{ 514, "definition.invalid_address", 0, NULL },
	{ 515, "definition.type_unsupported", 0, NULL },
	{ 516, "definition.type_inconsistent", 0, NULL },
	{ 517, "definition.object_exists", 0, NULL },
	{ 518, "definition.object_attribute_inconsistent", 0, NULL },
	{ 768, "resource.other", 0, NULL },
	{ 769, "resource.memory_unavailable", 0, NULL },
	{ 770, "resource.processor_resource_unavailable", 0, NULL },
	{ 771, "resource.mass_storage_unavailable", 0, NULL },
	{ 772, "resource.capability_unavailable", 0, NULL },
	{ 773, "resource.capability_unknown", 0, NULL },
	{ 1024, "service.other", 0, NULL },
	{ 1025, "service.primitives_out_of_sequence", 0, NULL },
	{ 1026, "service.object_state_conflict", 0, NULL },
	{ 1027, "service.pdu_size", 0, NULL },
	{ 1028, "service.continuation_invalid", 0, NULL },
	{ 1029, "service.object_constraint_conflict", 0, NULL },
	{ 1280, "service_preempt.other", 0, NULL },
	{ 1281, "service_preempt.timeout", 0, NULL },
	{ 1282, "service_preempt.deadlock", 0, NULL },
	{ 1283, "service_preempt.cancel", 0, NULL },
	{ 1536, "time_resolution.other", 0, NULL },
	{ 1537, "time_resolution.unsupportable_time_resolution", 0, NULL },
	{ 1792, "access.other", 0, NULL },
	{ 1793, "access.object_access_unsupported", 0, NULL },
	{ 1794, "access.object_non_existent", 0, NULL },
	{ 1795, "access.object_access_denied", 0, NULL },
	{ 1796, "access.object_invalidated", 0, NULL },
	{ 2048, "initiate.other", 0, NULL },
	{ 2051, "initiate.max_services_outstanding_calling_insufficient", 0, NULL },
	{ 2052, "initiate.max_services_outstanding_called_insufficient", 0, NULL },
	{ 2053, "initiate.service_cbb_insufficient", 0, NULL },
	{ 2054, "initiate.parameter_cbb_insufficient", 0, NULL },
	{ 2055, "initiate.nesting_level_insufficient", 0, NULL },
	{ 2304, "conclude.other", 0, NULL },
	{ 2305, "conclude.further_communication_required", 0, NULL },
	{ 2560, "cancel.other", 0, NULL },
	{ 2561, "cancel.invoke_id_unknown", 0, NULL },
	{ 2562, "cancel.cancel_not_possible", 0, NULL },
	{ 2816, "file.other", 0, NULL },
	{ 2817, "file.filename_ambiguous", 0, NULL },
	{ 2818, "file.file_busy", 0, NULL },
	{ 2819, "file.filename_syntax_error", 0, NULL },
	{ 2820, "file.content_type_invalid", 0, NULL },
	{ 2821, "file.position_invalid", 0, NULL },
	{ 2822, "file.file_access_denied", 0, NULL },
	{ 2823, "file.file_non_existent", 0, NULL },
	{ 2824, "file.duplicate_filename", 0, NULL },
	{ 2825, "file.insufficient_space_in_filestore", 0, NULL },
};
static const struct oto_names errors = OTO_NAMES(error_rows);

const char *mms_error_word(uint32_t error_class, uint32_t code)
{
	const struct oto_name *row = code < 0x100 ? oto_name_of(&errors, error_class << 8 | code) : NULL;

	if (!row)
		row = oto_name_of(&mms_error_classes, error_class);
	return row ? row->name : NULL;
}
