/* iec104_tables.c - the numbers of IEC 60870-5-104 and -101: types with what they do to a station and what their objects consist of,
 * causes, qualifiers.
 *
 * Types are called by the standard's labels. Every table stands once; commands also by what their select and their deactivation are called.
 */
#include "iec104.h"

#define NAMES(table) const struct oto_names iec104_##table = OTO_NAMES(table##_rows)

static const struct oto_name formats_rows[] = {
	{ IEC104_I, "I", 0, "numbered information transfer" },
	{ IEC104_S, "S", 0, "numbered supervisory function: an acknowledgement" },
	{ IEC104_U, "U", 0, "unnumbered control function" },
};
NAMES(formats);

/* They start and stop the transfer of data on this connection, and no machine. */
static const struct oto_name functions_rows[] = {
	{ STARTDT_ACT, "STARTDT act", OTO_OP_OTHER, "data transfer shall begin on this connection" },
	{ STARTDT_CON, "STARTDT con", 0, "it does" },
	{ STOPDT_ACT, "STOPDT act", OTO_OP_OTHER, "data transfer shall end on this connection" },
	{ STOPDT_CON, "STOPDT con", 0, "it does" },
	{ TESTFR_ACT, "TESTFR act", 0, "is somebody there?" },
	{ TESTFR_CON, "TESTFR con", 0, "yes" },
};
NAMES(functions);

static const struct oto_name directions_rows[] = {
	{ 0, "control", 0, "from the controlling station to the controlled station" },
	{ 1, "monitor", 0, "from the controlled station" },
};
NAMES(directions);

/* ------------------------------------------------------------------------------------------------ types */

/* Commands, with what they are called when they are selected or given up. */
#define SELECTABLE(X)                                                                                                                      \
	X(45, C_SC_NA_1, OTO_OP_WRITE, "single command"), X(46, C_DC_NA_1, OTO_OP_WRITE, "double command"),                                \
	    X(47, C_RC_NA_1, OTO_OP_WRITE, "regulating step command"), X(48, C_SE_NA_1, OTO_OP_WRITE, "set point, normalized value"),      \
	    X(49, C_SE_NB_1, OTO_OP_WRITE, "set point, scaled value"),                                                                     \
	    X(50, C_SE_NC_1, OTO_OP_WRITE, "set point, short floating point number"),                                                      \
	    X(58, C_SC_TA_1, OTO_OP_WRITE, "single command with time"), X(59, C_DC_TA_1, OTO_OP_WRITE, "double command with time"),        \
	    X(60, C_RC_TA_1, OTO_OP_WRITE, "regulating step command with time"),                                                           \
	    X(61, C_SE_TA_1, OTO_OP_WRITE, "set point, normalized value, with time"),                                                      \
	    X(62, C_SE_TB_1, OTO_OP_WRITE, "set point, scaled value, with time"),                                                          \
	    X(63, C_SE_TC_1, OTO_OP_WRITE, "set point, short floating point number, with time")
#define DEACTIVATABLE(X)                                                                                                                   \
	X(51, C_BO_NA_1, OTO_OP_WRITE, "string of 32 bits"), X(64, C_BO_TA_1, OTO_OP_WRITE, "string of 32 bits with time"),                \
	    X(100, C_IC_NA_1, OTO_OP_READ, "interrogation"),                                                                               \
	    X(101, C_CI_NA_1, OTO_OP_READ, "counter interrogation; frozen or reset by its qualifier"),                                     \
	    X(113, P_AC_NA_1, OTO_OP_CONFIGURE, "parameter activation")
#define ROW(n, word, op, doc)                                                                                                              \
	{                                                                                                                                  \
		n, #word, op, doc                                                                                                          \
	}
#define SELECT_ROW(n, word, op, doc)                                                                                                       \
	{                                                                                                                                  \
		n, #word " select", op, doc ", selected before it is executed"                                                             \
	}
#define DEACTIVATE_ROW(n, word, op, doc)                                                                                                   \
	{                                                                                                                                  \
		n, #word " deactivation", OTO_OP_OTHER, doc ", given up"                                                                   \
	}

static const struct oto_name types_rows[] = {
	{ 1, "M_SP_NA_1", OTO_OP_CYCLIC, "single point" },
	{ 2, "M_SP_TA_1", OTO_OP_CYCLIC, "single point with time of the hour" },
	{ 3, "M_DP_NA_1", OTO_OP_CYCLIC, "double point" },
	{ 4, "M_DP_TA_1", OTO_OP_CYCLIC, "double point with time of the hour" },
	{ 5, "M_ST_NA_1", OTO_OP_CYCLIC, "step position" },
	{ 6, "M_ST_TA_1", OTO_OP_CYCLIC, "step position with time of the hour" },
	{ 7, "M_BO_NA_1", OTO_OP_CYCLIC, "string of 32 bits" },
	{ 8, "M_BO_TA_1", OTO_OP_CYCLIC, "string of 32 bits with time of the hour" },
	{ 9, "M_ME_NA_1", OTO_OP_CYCLIC, "measured value, normalized" },
	{ 10, "M_ME_TA_1", OTO_OP_CYCLIC, "measured value, normalized, with time of the hour" },
	{ 11, "M_ME_NB_1", OTO_OP_CYCLIC, "measured value, scaled" },
	{ 12, "M_ME_TB_1", OTO_OP_CYCLIC, "measured value, scaled, with time of the hour" },
	{ 13, "M_ME_NC_1", OTO_OP_CYCLIC, "measured value, short floating point number" },
	{ 14, "M_ME_TC_1", OTO_OP_CYCLIC, "measured value, short floating point number, with time of the hour" },
	{ 15, "M_IT_NA_1", OTO_OP_CYCLIC, "integrated total" },
	{ 16, "M_IT_TA_1", OTO_OP_CYCLIC, "integrated total with time of the hour" },
	{ 17, "M_EP_TA_1", OTO_OP_CYCLIC, "event of protection equipment with time of the hour" },
	{ 18, "M_EP_TB_1", OTO_OP_CYCLIC, "packed start events of protection equipment with time of the hour" },
	{ 19, "M_EP_TC_1", OTO_OP_CYCLIC, "packed output circuits of protection equipment with time of the hour" },
	{ 20, "M_PS_NA_1", OTO_OP_CYCLIC, "packed single points with detection of changes" },
	{ 21, "M_ME_ND_1", OTO_OP_CYCLIC, "measured value, normalized, without quality" },
	{ 30, "M_SP_TB_1", OTO_OP_CYCLIC, "single point with time" },
	{ 31, "M_DP_TB_1", OTO_OP_CYCLIC, "double point with time" },
	{ 32, "M_ST_TB_1", OTO_OP_CYCLIC, "step position with time" },
	{ 33, "M_BO_TB_1", OTO_OP_CYCLIC, "string of 32 bits with time" },
	{ 34, "M_ME_TD_1", OTO_OP_CYCLIC, "measured value, normalized, with time" },
	{ 35, "M_ME_TE_1", OTO_OP_CYCLIC, "measured value, scaled, with time" },
	{ 36, "M_ME_TF_1", OTO_OP_CYCLIC, "measured value, short floating point number, with time" },
	{ 37, "M_IT_TB_1", OTO_OP_CYCLIC, "integrated total with time" },
	{ 38, "M_EP_TD_1", OTO_OP_CYCLIC, "event of protection equipment with time" },
	{ 39, "M_EP_TE_1", OTO_OP_CYCLIC, "packed start events of protection equipment with time" },
	{ 40, "M_EP_TF_1", OTO_OP_CYCLIC, "packed output circuits of protection equipment with time" },
	{ 41, "S_IT_TC_1", OTO_OP_CYCLIC, "integrated total of security statistics with time" },
	SELECTABLE(ROW),
	{ M_EI_NA_1, "M_EI_NA_1", 0, "end of initialization: the station has started" },
	{ S_FIRST, "S_CH_NA_1", OTO_OP_AUTHENTICATE, "authentication challenge" },
	{ 82, "S_RP_NA_1", OTO_OP_AUTHENTICATE, "authentication reply" },
	{ 83, "S_AR_NA_1", OTO_OP_AUTHENTICATE, "aggressive mode authentication request" },
	{ 84, "S_KR_NA_1", OTO_OP_AUTHENTICATE, "session key status request" },
	{ 85, "S_KS_NA_1", OTO_OP_AUTHENTICATE, "session key status" },
	{ 86, "S_KC_NA_1", OTO_OP_AUTHENTICATE, "session key change" },
	{ 87, "S_ER_NA_1", OTO_OP_AUTHENTICATE, "authentication error" },
	{ 90, "S_US_NA_1", OTO_OP_AUTHENTICATE, "user status change" },
	{ 91, "S_UQ_NA_1", OTO_OP_AUTHENTICATE, "update key change request" },
	{ 92, "S_UR_NA_1", OTO_OP_AUTHENTICATE, "update key change reply" },
	{ 93, "S_UK_NA_1", OTO_OP_AUTHENTICATE, "update key change, symmetric" },
	{ 94, "S_UA_NA_1", OTO_OP_AUTHENTICATE, "update key change, asymmetric" },
	{ 95, "S_UC_NA_1", OTO_OP_AUTHENTICATE, "update key change confirmation" },
	DEACTIVATABLE(ROW),
	{ C_RD_NA_1, "C_RD_NA_1", OTO_OP_READ, "read an object" },
	{ C_CS_NA_1, "C_CS_NA_1", OTO_OP_TIME, "clock synchronization" },
	{ 104, "C_TS_NA_1", OTO_OP_DIAGNOSE, "test" },
	{ C_RP_NA_1, "C_RP_NA_1", OTO_OP_RESET, "reset process" },
	{ C_CD_NA_1, "C_CD_NA_1", OTO_OP_TIME, "delay acquisition" },
	{ 107, "C_TS_TA_1", OTO_OP_DIAGNOSE, "test with time" },
	{ P_FIRST, "P_ME_NA_1", OTO_OP_CONFIGURE, "parameter of a measured value, normalized" },
	{ 111, "P_ME_NB_1", OTO_OP_CONFIGURE, "parameter of a measured value, scaled" },
	{ 112, "P_ME_NC_1", OTO_OP_CONFIGURE, "parameter of a measured value, short floating point number" },
	{ F_FR_NA_1, "F_FR_NA_1", OTO_OP_PROGRAM_WRITE, "file ready" },
	{ F_SR_NA_1, "F_SR_NA_1", OTO_OP_PROGRAM_WRITE, "section ready" },
	{ F_SC_NA_1, "F_SC_NA_1", OTO_OP_READ, "call directory, select file, call file, call section" },
	{ F_LS_NA_1, "F_LS_NA_1", OTO_OP_PROGRAM_WRITE, "last section, last segment" },
	{ F_AF_NA_1, "F_AF_NA_1", 0, "file or section is acknowledged" },
	{ F_SG_NA_1, "F_SG_NA_1", OTO_OP_PROGRAM_WRITE, "segment" },
	{ F_DR_TA_1, "F_DR_TA_1", 0, "directory" },
	{ F_SC_NB_1, "F_SC_NB_1", OTO_OP_READ, "a log of a time is asked for" },
};
NAMES(types);

static const struct oto_name selections_rows[] = { SELECTABLE(SELECT_ROW) };
NAMES(selections);

static const struct oto_name deactivations_rows[] = { SELECTABLE(DEACTIVATE_ROW), DEACTIVATABLE(DEACTIVATE_ROW) };
NAMES(deactivations);

/* C_CI_NA_1 by what happens to the counters (101, 7.2.6.23). */
static const struct oto_name counter_commands_rows[] = {
	{ 0, "C_CI_NA_1", OTO_OP_READ, "counters are read" },
	{ 1, "C_CI_NA_1 freeze", OTO_OP_WRITE, "counters are frozen" },
	{ 2, "C_CI_NA_1 freeze with reset", OTO_OP_CLEAR, "counters are frozen and set to 0" },
	{ 3, "C_CI_NA_1 reset", OTO_OP_CLEAR, "counters are set to 0" },
};
NAMES(counter_commands);

/* C_RP_NA_1 where it resets no process (101, 7.2.6.27). */
static const struct oto_name reset_commands_rows[] = {
	{ 2, "C_RP_NA_1 event buffer", OTO_OP_CLEAR, "pending information with time is forgotten" },
};
NAMES(reset_commands);

/* F_SC_NA_1 by what is called for (101, 7.2.6.30). */
static const struct oto_name file_commands_rows[] = {
	{ 0, "F_SC_NA_1", OTO_OP_READ, "call directory" },
	{ 1, "F_SC_NA_1 select file", OTO_OP_READ, "a file is asked for" },
	{ 2, "F_SC_NA_1 call file", OTO_OP_READ, "its first section shall be made ready" },
	{ 3, "F_SC_NA_1 deactivate file", OTO_OP_OTHER, "its transfer is given up" },
	{ 4, "F_SC_NA_1 delete file", OTO_OP_WRITE, "the file is deleted" },
	{ 5, "F_SC_NA_1 select section", OTO_OP_READ, "a section is asked for" },
	{ 6, "F_SC_NA_1 call section", OTO_OP_READ, "its segments shall be sent" },
	{ 7, "F_SC_NA_1 deactivate section", OTO_OP_OTHER, "the transfer of the section is given up" },
};
NAMES(file_commands);

static const struct iec104_layout layouts[] = {
	{ 1, { SIQ } },
	{ 2, { SIQ, CP24 } },
	{ 3, { DIQ } },
	{ 4, { DIQ, CP24 } },
	{ 5, { VTI, QDS } },
	{ 6, { VTI, QDS, CP24 } },
	{ 7, { BSI, QDS } },
	{ 8, { BSI, QDS, CP24 } },
	{ 9, { NVA, QDS } },
	{ 10, { NVA, QDS, CP24 } },
	{ 11, { SVA, QDS } },
	{ 12, { SVA, QDS, CP24 } },
	{ 13, { R32, QDS } },
	{ 14, { R32, QDS, CP24 } },
	{ 15, { BCR } },
	{ 16, { BCR, CP24 } },
	{ 17, { SEP, CP16, CP24 } },
	{ 18, { SPE, QDP, CP16, CP24 } },
	{ 19, { OCI, QDP, CP16, CP24 } },
	{ 20, { SCD, QDS } },
	{ 21, { NVA } },
	{ 30, { SIQ, CP56 } },
	{ 31, { DIQ, CP56 } },
	{ 32, { VTI, QDS, CP56 } },
	{ 33, { BSI, QDS, CP56 } },
	{ 34, { NVA, QDS, CP56 } },
	{ 35, { SVA, QDS, CP56 } },
	{ 36, { R32, QDS, CP56 } },
	{ 37, { BCR, CP56 } },
	{ 38, { SEP, CP16, CP56 } },
	{ 39, { SPE, QDP, CP16, CP56 } },
	{ 40, { OCI, QDP, CP16, CP56 } },
	{ 41, { BCR, CP56 } },
	{ 45, { SCO } },
	{ 46, { DCO } },
	{ 47, { RCO } },
	{ 48, { NVA, QOS } },
	{ 49, { SVA, QOS } },
	{ 50, { R32, QOS } },
	{ 51, { BSI } },
	{ 58, { SCO, CP56 } },
	{ 59, { DCO, CP56 } },
	{ 60, { RCO, CP56 } },
	{ 61, { NVA, QOS, CP56 } },
	{ 62, { SVA, QOS, CP56 } },
	{ 63, { R32, QOS, CP56 } },
	{ 64, { BSI, CP56 } },
	{ M_EI_NA_1, { COI } },
	{ C_IC_NA_1, { QOI } },
	{ C_CI_NA_1, { QCC } },
	{ C_RD_NA_1, { END } },
	{ C_CS_NA_1, { CP56 } },
	{ 104, { FBP } },
	{ C_RP_NA_1, { QRP } },
	{ C_CD_NA_1, { CP16 } },
	{ 107, { TSC, CP56 } },
	{ 110, { NVA, QPM } },
	{ 111, { SVA, QPM } },
	{ 112, { R32, QPM } },
	{ 113, { QPA } },
	{ F_FR_NA_1, { NOF, LOF, FRQ } },
	{ F_SR_NA_1, { NOF, NOS, LOF, SRQ } },
	{ F_SC_NA_1, { NOF, NOS, SCQ } },
	{ F_LS_NA_1, { NOF, NOS, LSQ, CHS } },
	{ F_AF_NA_1, { NOF, NOS, AFQ } },
	{ F_SG_NA_1, { NOF, NOS, LOS } },
	{ F_DR_TA_1, { NOF, LOF, SOF, CP56 } },
	{ F_SC_NB_1, { NOF, CP56, CP56 } },
};

const struct iec104_layout *iec104_layout_of(uint8_t type)
{
	uint32_t n = sizeof layouts / sizeof *layouts, guess = type - 1u;

	if (guess < n && layouts[guess].type == type)
		return &layouts[guess];
	for (uint32_t i = 0; i < n; i++) {
		if (layouts[i].type == type)
			return &layouts[i];
	}
	return NULL;
}

uint32_t iec104_size_of(const struct iec104_layout *layout)
{
	static const uint8_t sizes[ELEMENTS] = {
		[SIQ] = 1, [DIQ] = 1, [VTI] = 1, [BSI] = 4, [NVA] = 2, [SVA] = 2, [R32] = 4,  [BCR] = 5,  [SEP] = 1,  [SPE] = 1,
		[OCI] = 1, [SCD] = 4, [QDS] = 1, [QDP] = 1, [SCO] = 1, [DCO] = 1, [RCO] = 1,  [QOS] = 1,  [QOI] = 1,  [QCC] = 1,
		[QRP] = 1, [QPM] = 1, [QPA] = 1, [COI] = 1, [FBP] = 2, [TSC] = 2, [CP16] = 2, [CP24] = 3, [CP56] = 7, [NOF] = 2,
		[NOS] = 1, [LOF] = 3, [FRQ] = 1, [SRQ] = 1, [SCQ] = 1, [LSQ] = 1, [CHS] = 1,  [AFQ] = 1,  [LOS] = 1,  [SOF] = 1,
	};
	uint32_t size = 0;

	for (uint32_t i = 0; i < IEC104_ELEMENTS_MAX; i++)
		size += sizes[layout->element[i]];
	return size;
}

/* ------------------------------------------------------------------------------------------------ causes and qualifiers */

#define GROUP(n, base)                                                                                                                     \
	{                                                                                                                                  \
		base + n, "interrogated_group_" #n, 0, "answer to the interrogation of group " #n                                          \
	}
static const struct oto_name causes_rows[] = {
	{ CAUSE_PERIODIC, "periodic", 0, "again and again" },
	{ 2, "background_scan", 0, "all values in turn" },
	{ CAUSE_SPONTANEOUS, "spontaneous", 0, "because it changed" },
	{ 4, "initialized", 0, "the station has started" },
	{ CAUSE_REQUEST, "request", 0, "it is asked for, or was" },
	{ CAUSE_ACTIVATION, "activation", 0, "do it" },
	{ CAUSE_ACTIVATION_CON, "activation_con", 0, "it will be done, or not" },
	{ CAUSE_DEACTIVATION, "deactivation", 0, "stop doing it" },
	{ CAUSE_DEACTIVATION_CON, "deactivation_con", 0, "it is given up, or not" },
	{ CAUSE_TERMINATION, "activation_termination", 0, "it is done" },
	{ CAUSE_RETURN_REMOTE, "return_remote", 0, "a remote command changed it" },
	{ CAUSE_RETURN_LOCAL, "return_local", 0, "somebody at the station changed it" },
	{ 13, "file_transfer", 0, "part of a file's transfer" },
	{ 14, "authentication", 0, "of IEC 62351-5" },
	{ 15, "session_key", 0, "of IEC 62351-5" },
	{ 16, "update_key", 0, "of IEC 62351-5" },
	{ 20, "interrogated_station", 0, "answer to the interrogation of the station" },
	GROUP(1, 20),
	GROUP(2, 20),
	GROUP(3, 20),
	GROUP(4, 20),
	GROUP(5, 20),
	GROUP(6, 20),
	GROUP(7, 20),
	GROUP(8, 20),
	GROUP(9, 20),
	GROUP(10, 20),
	GROUP(11, 20),
	GROUP(12, 20),
	GROUP(13, 20),
	GROUP(14, 20),
	GROUP(15, 20),
	GROUP(16, 20),
	{ 37, "counters_general", 0, "answer to the interrogation of all counters" },
	{ 38, "counters_group_1", 0, "of the counters of group 1" },
	{ 39, "counters_group_2", 0, "of the counters of group 2" },
	{ 40, "counters_group_3", 0, "of the counters of group 3" },
	{ 41, "counters_group_4", 0, "of the counters of group 4" },
	{ CAUSE_UNKNOWN_TYPE, "unknown_type", 0, "the station does not know the type" },
	{ 45, "unknown_cause", 0, "it does not know the cause" },
	{ 46, "unknown_common_address", 0, "it does not have this common address" },
	{ CAUSE_UNKNOWN_OBJECT, "unknown_object_address", 0, "it does not have this object" },
};
NAMES(causes);

static const struct oto_name freezes_rows[] = {
	{ 0, "read", 0, "counters are read" },
	{ 1, "freeze", 0, "without reset" },
	{ 2, "freeze_with_reset", 0, "and set to 0" },
	{ 3, "reset", 0, "set to 0" },
};
NAMES(freezes);

#define QOI_GROUP(n, at)                                                                                                                   \
	{                                                                                                                                  \
		at, "group_" #n, 0, "of group " #n                                                                                         \
	}
static const struct oto_name interrogation_rows[] = {
	{ 20, "station", 0, "all of the station" },
	QOI_GROUP(1, 21),
	QOI_GROUP(2, 22),
	QOI_GROUP(3, 23),
	QOI_GROUP(4, 24),
	QOI_GROUP(5, 25),
	QOI_GROUP(6, 26),
	QOI_GROUP(7, 27),
	QOI_GROUP(8, 28),
	QOI_GROUP(9, 29),
	QOI_GROUP(10, 30),
	QOI_GROUP(11, 31),
	QOI_GROUP(12, 32),
	QOI_GROUP(13, 33),
	QOI_GROUP(14, 34),
	QOI_GROUP(15, 35),
	QOI_GROUP(16, 36),
};
static const struct oto_name counter_rows[] = {
	QOI_GROUP(1, 1), QOI_GROUP(2, 2), QOI_GROUP(3, 3), QOI_GROUP(4, 4), { 5, "general", 0, "all counters" },
};
static const struct oto_name command_rows[] = {
	{ 0, "default", 0, "no additional definition" },
	{ 1, "short_pulse", 0, "as long as the station was told" },
	{ 2, "long_pulse", 0, "as long as the station was told" },
	{ 3, "persistent", 0, "until another command" },
};
static const struct oto_name reset_rows[] = {
	{ 1, "process", 0, "general reset of process" },
	{ 2, "event_buffer", 0, "pending information with time is forgotten" },
};
static const struct oto_name parameter_rows[] = {
	{ 1, "threshold", 0, "threshold value" },
	{ 2, "smoothing", 0, "smoothing factor" },
	{ 3, "low_limit", 0, "low limit for transmission" },
	{ 4, "high_limit", 0, "high limit for transmission" },
};
static const struct oto_name activation_rows[] = {
	{ 1, "loaded_parameters", 0, "those loaded before, object address 0" },
	{ 2, "object_parameter", 0, "that of the addressed object" },
	{ 3, "cyclic_transmission", 0, "persistent cyclic or periodic transmission of the object" },
};
static const struct oto_name initialization_rows[] = {
	{ 0, "power_on", 0, "local power switch on" },
	{ 1, "local_reset", 0, "local manual reset" },
	{ 2, "remote_reset", 0, "remote reset" },
};

const char *iec104_qualifier_word(uint8_t element, uint8_t value)
{
	static const struct oto_names words[ELEMENTS] = {
		[SCO] = OTO_NAMES(command_rows),       [DCO] = OTO_NAMES(command_rows),    [RCO] = OTO_NAMES(command_rows),
		[QOI] = OTO_NAMES(interrogation_rows), [QCC] = OTO_NAMES(counter_rows),    [QRP] = OTO_NAMES(reset_rows),
		[QPM] = OTO_NAMES(parameter_rows),     [QPA] = OTO_NAMES(activation_rows), [COI] = OTO_NAMES(initialization_rows),
	};
	const struct oto_name *row = words[element].count ? oto_name_of(&words[element], value) : NULL;

	return row ? row->name : NULL;
}

/* ------------------------------------------------------------------------------------------------ files */

static const struct oto_name file_calls_rows[] = {
	{ 0, "default", 0, "call directory" },
	{ 1, "select_file", 0, "a file is asked for" },
	{ 2, "call_file", 0, "its first section shall be made ready" },
	{ 3, "deactivate_file", 0, "its transfer is given up" },
	{ 4, "delete_file", 0, "it is deleted" },
	{ 5, "select_section", 0, "a section is asked for" },
	{ 6, "call_section", 0, "its segments shall be sent" },
	{ 7, "deactivate_section", 0, "its transfer is given up" },
};
NAMES(file_calls);

static const struct oto_name file_ends_rows[] = {
	{ 1, "file", 0, "the file went over" },
	{ 2, "file_deactivated", 0, "the file's transfer was given up" },
	{ 3, "section", 0, "the section went over" },
	{ 4, "section_deactivated", 0, "the section's transfer was given up" },
};
NAMES(file_ends);

static const struct oto_name file_acks_rows[] = {
	{ 1, "file", 0, "the file came over well" },
	{ 2, "file_refused", 0, "it did not" },
	{ 3, "section", 0, "the section came over well" },
	{ 4, "section_refused", 0, "it did not" },
};
NAMES(file_acks);

static const struct oto_name file_errors_rows[] = {
	{ 1, "no_memory", 0, "requested memory space not available" },      { 2, "checksum_failed", 0, "the checksum is wrong" },
	{ 3, "unexpected_service", 0, "unexpected communication service" }, { 4, "unexpected_file", 0, "unexpected name of file" },
	{ 5, "unexpected_section", 0, "unexpected name of section" },
};
NAMES(file_errors);
