/* pccc_tables.c - see pccc_tables.h. Chapters 7 (commands), 8 (status), 13 (addresses and file types). */
#include "pccc_tables.h"

static const struct oto_name command_rows[] = {
	{ 0x00, "Protected write", 0, NULL },          { 0x01, "Unprotected read", 0, NULL },
	{ 0x02, "Protected bit write", 0, NULL },      { 0x05, "Unprotected bit write", 0, NULL },
	{ 0x06, "Diagnostics and settings", 0, NULL }, { 0x07, "Outputs and modes", 0, NULL },
	{ 0x08, "Unprotected write", 0, NULL },        { 0x0f, "Typed command", 0, NULL },
};
const struct oto_names pccc_commands = OTO_NAMES(command_rows);

static const struct oto_name function_rows[] = {
	{ PCCC_READ_3, "Protected typed logical read with three address fields", OTO_OP_READ, "elements of a data file" },
	{ PCCC_WRITE_3, "Protected typed logical write with three address fields", OTO_OP_WRITE, "elements of a data file" },
	{ PCCC_READ_2, "Protected typed logical read with two address fields", OTO_OP_READ, "elements of a data file" },
	{ PCCC_WRITE_2, "Protected typed logical write with two address fields", OTO_OP_WRITE, "elements of a data file" },
	{ PCCC_WRITE_MASKED, "Protected typed logical masked write with three address fields", OTO_OP_WRITE, "bits of a data file" },
	{ PCCC_TYPED_READ, "Typed read", OTO_OP_READ, "elements of a data file" },
	{ PCCC_TYPED_WRITE, "Typed write", OTO_OP_WRITE, "elements of a data file" },
	{ PCCC_WORD_RANGE_READ, "Word range read", OTO_OP_READ, "words of a data file" },
	{ PCCC_WORD_RANGE_WRITE, "Word range write", OTO_OP_WRITE, "words of a data file" },
	{ PCCC_READ_MODIFY_WRITE, "Read-modify-write", OTO_OP_WRITE, "sets and clears bits of words" },
	{ PCCC_READ_MODIFY_WRITE_N, "Read-modify-write N", OTO_OP_WRITE, "sets and clears bits of words" },
	{ PCCC_BIT_WRITE, "Bit write", OTO_OP_WRITE, "sets and clears bits of a word" },
	{ PCCC_PROTECTED_WRITE, "Protected write", OTO_OP_WRITE, "words, where the processor allows it" },
	{ PCCC_UNPROTECTED_READ, "Unprotected read", OTO_OP_READ, "words" },
	{ PCCC_PROTECTED_BIT_WRITE, "Protected bit write", OTO_OP_WRITE, "bits, where the processor allows it" },
	{ PCCC_UNPROTECTED_BIT_WRITE, "Unprotected bit write", OTO_OP_WRITE, "bits" },
	{ PCCC_UNPROTECTED_WRITE, "Unprotected write", OTO_OP_WRITE, "words" },
	{ 0x0600, "Echo", OTO_OP_DIAGNOSE, "the data come back" },
	{ 0x0601, "Read diagnostic counters", OTO_OP_DIAGNOSE, "counters of the link" },
	{ 0x0602, "Set variables", OTO_OP_CONFIGURE, "retries and time-out of the link" },
	{ PCCC_DIAGNOSTIC_STATUS, "Diagnostic status", OTO_OP_DISCOVER, "which processor it is, its mode, its program's identifier" },
	{ 0x0604, "Set timeout", OTO_OP_CONFIGURE, "time-out of the link" },
	{ 0x0605, "Set NAKs", OTO_OP_CONFIGURE, "refusals that the link bears" },
	{ 0x0606, "Set ENQs", OTO_OP_CONFIGURE, "inquiries that the link makes" },
	{ 0x0607, "Reset diagnostic counters", OTO_OP_CLEAR, "counters of the link" },
	{ 0x0608, "Set data table size", OTO_OP_CONFIGURE, "the data table of a PLC-2" },
	{ 0x0609, "Read link parameters", OTO_OP_DIAGNOSE, "highest node of the link" },
	{ 0x060a, "Set link parameters", OTO_OP_CONFIGURE, "highest node of the link" },
	{ 0x0700, "Disable outputs", OTO_OP_STOP, "outputs go off" },
	{ 0x0701, "Enable outputs", OTO_OP_START, "outputs work" },
	{ 0x0703, "Enable PLC scanning", OTO_OP_START, "the program runs" },
	{ 0x0704, "Enter download mode", OTO_OP_PROGRAM_WRITE, "the program will be written" },
	{ 0x0705, "Exit download/upload mode", OTO_OP_MODE, "the transfer of the program is over" },
	{ 0x0706, "Enter upload mode", OTO_OP_PROGRAM_READ, "the program will be read" },
	{ 0x0f03, "File write", OTO_OP_WRITE, "a file of a PLC-3" },
	{ 0x0f04, "File read", OTO_OP_READ, "a file of a PLC-3" },
	{ 0x0f05, "Download request", OTO_OP_PROGRAM_WRITE, "the program of a PLC-3 will be written" },
	{ 0x0f06, "Upload request", OTO_OP_PROGRAM_READ, "the program of a PLC-3 will be read" },
	{ 0x0f07, "Shutdown", OTO_OP_STOP, "the program of a PLC-3 stops, to be replaced" },
	{ 0x0f08, "Physical write", OTO_OP_PROGRAM_WRITE, "memory of a PLC-3" },
	{ 0x0f09, "Physical read", OTO_OP_PROGRAM_READ, "memory of a PLC-3" },
	{ 0x0f0a, "Restart request", OTO_OP_START, "the program of a PLC-3 runs again" },
	{ 0x0f11, "Get edit resource", OTO_OP_CONFIGURE, "the sole right to change the program is taken" },
	{ 0x0f12, "Return edit resource", OTO_OP_CONFIGURE, "the right to change the program is given back" },
	{ PCCC_READ_PHYSICAL, "Read bytes physical", OTO_OP_PROGRAM_READ, "memory of the processor: its program" },
	{ PCCC_WRITE_PHYSICAL, "Write bytes physical", OTO_OP_PROGRAM_WRITE, "memory of the processor: its program" },
	{ 0x0f29, "Read section size", OTO_OP_READ, "how large a file is" },
	{ PCCC_SET_CPU_MODE, "Set CPU mode", OTO_OP_MODE, "run, test or program" },
	{ 0x0f41, "Disable forces", OTO_OP_WRITE, "inputs and outputs that were forced are free" },
	{ PCCC_DOWNLOAD_ALL, "Download all request", OTO_OP_PROGRAM_WRITE, "the whole program will be written" },
	{ PCCC_DOWNLOAD_COMPLETED, "Download completed", OTO_OP_PROGRAM_WRITE, "the program is written" },
	{ PCCC_UPLOAD_ALL, "Upload all request", OTO_OP_PROGRAM_READ, "the whole program will be read" },
	{ PCCC_UPLOAD_COMPLETED, "Upload completed", OTO_OP_PROGRAM_READ, "the program is read" },
	{ 0x0f57, "Initialize memory", OTO_OP_PROGRAM_WRITE, "program and data are gone" },
	{ 0x0f5e, "Modify PLC-2 compatibility file", OTO_OP_CONFIGURE, "which file older commands work on" },
	{ PCCC_CHANGE_MODE, "Change mode", OTO_OP_MODE, "run, test or program" },
	{ PCCC_OPEN_FILE, "Open file", OTO_OP_OTHER, "a file for commands that follow" },
	{ PCCC_CLOSE_FILE, "Close file", OTO_OP_OTHER, "the file is free for others" },
	{ PCCC_EXECUTE_MULTIPLE, "Execute multiple commands", OTO_OP_NONE, "carries several commands, which speak for themselves" },
	{ 0x0f8f, "Apply port configuration", OTO_OP_CONFIGURE, "settings of a port come into force" },
	{ PCCC_READ_FILE, "Protected typed file read", OTO_OP_READ, "an open file: data, or program" },
	{ PCCC_WRITE_FILE, "Protected typed file write", OTO_OP_WRITE, "an open file: data, or program" },
};
const struct oto_names pccc_functions = OTO_NAMES(function_rows);

const struct oto_name *pccc_function_of(uint32_t code)
{
	return oto_name_of(&pccc_functions, code);
}

/* Low four bits: the sender's own link; high four: the node that was asked. */
static const struct oto_name status_rows[] = {
	{ 0x00, "Success", 0, NULL },
	{ 0x01, "Destination node is out of buffer space", 0, NULL },
	{ 0x02, "Delivery cannot be guaranteed", 0, NULL },
	{ 0x03, "Duplicate token holder", 0, NULL },
	{ 0x04, "Local port is disconnected", 0, NULL },
	{ 0x05, "Timed out waiting for a response", 0, NULL },
	{ 0x06, "Duplicate node", 0, NULL },
	{ 0x07, "Station is offline", 0, NULL },
	{ 0x08, "Hardware fault", 0, NULL },
	{ 0x10, "Illegal command or format", 0, NULL },
	{ 0x20, "Host has a problem and will not communicate", 0, NULL },
	{ 0x30, "Remote node is missing, disconnected or shut down", 0, NULL },
	{ 0x40, "Host could not complete function, hardware fault", 0, NULL },
	{ 0x50, "Addressing problem or memory protect rungs", 0, NULL },
	{ 0x60, "Function not allowed, command protection", 0, NULL },
	{ 0x70, "Processor is in program mode", 0, NULL },
	{ 0x80, "Compatibility file missing or communication zone problem", 0, NULL },
	{ 0x90, "Remote node cannot buffer command", 0, NULL },
	{ 0xa0, "Wait for acknowledgement", 0, NULL },
	{ 0xb0, "Remote node problem due to download", 0, NULL },
	{ 0xc0, "Wait for acknowledgement", 0, NULL },
	{ 0xf0, "See extended status", 0, NULL },
};
const struct oto_names pccc_statuses = OTO_NAMES(status_rows);

static const struct oto_name extended_rows[] = {
	{ 0x01, "A field has an illegal value", 0, NULL },
	{ 0x02, "Fewer levels in address than needed", 0, NULL },
	{ 0x03, "More levels in address than supported", 0, NULL },
	{ 0x04, "Symbol not found", 0, NULL },
	{ 0x05, "Symbol of improper format", 0, NULL },
	{ 0x06, "Address does not point to something usable", 0, NULL },
	{ 0x07, "File is wrong size", 0, NULL },
	{ 0x08, "Situation has changed since the start of the command", 0, NULL },
	{ 0x09, "Data or file too large", 0, NULL },
	{ 0x0a, "Transaction size plus address too large", 0, NULL },
	{ 0x0b, "Access denied, improper privilege", 0, NULL },
	{ 0x0c, "Resource is not available", 0, NULL },
	{ 0x0d, "Resource is already available", 0, NULL },
	{ 0x0e, "Command cannot be executed", 0, NULL },
	{ 0x0f, "Histogram overflow", 0, NULL },
	{ 0x10, "No access", 0, NULL },
	{ 0x11, "Illegal data type", 0, NULL },
	{ 0x12, "Invalid parameter or data", 0, NULL },
	{ 0x13, "Address refers to a deleted area", 0, NULL },
	{ 0x14, "Command execution failure", 0, NULL },
	{ 0x15, "Data conversion error", 0, NULL },
	{ 0x16, "Scanner cannot communicate with rack adapter", 0, NULL },
	{ 0x17, "Type mismatch", 0, NULL },
	{ 0x18, "Module response not valid", 0, NULL },
	{ 0x19, "Duplicate label", 0, NULL },
	{ 0x1a, "File is open, another node owns it", 0, NULL },
	{ 0x1b, "Another node is the program owner", 0, NULL },
	{ 0x1e, "Data table element protection violation", 0, NULL },
	{ 0x1f, "Temporary internal problem", 0, NULL },
	{ 0x22, "Remote rack fault", 0, NULL },
	{ 0x23, "Timeout", 0, NULL },
	{ 0x24, "Unknown error", 0, NULL },
};
const struct oto_names pccc_extended_statuses = OTO_NAMES(extended_rows);

static const struct oto_name file_type_rows[] = {
	{ 0x22, "ladder logic", 0, NULL },
	{ 0x49, "channel configuration", 0, NULL },
	{ 0x4a, "Ethernet function", 0, NULL },
	{ 0x65, "online editing", 0, NULL },
	{ 0x6a, "I/O status function", 0, NULL },
	{ 0x82, "output", 0, NULL },
	{ 0x83, "input", 0, NULL },
	{ 0x84, "status", 0, NULL },
	{ 0x85, "bit", 0, NULL },
	{ 0x86, "timer", 0, NULL },
	{ 0x87, "counter", 0, NULL },
	{ 0x88, "control", 0, NULL },
	{ 0x89, "integer", 0, NULL },
	{ 0x8a, "float", 0, NULL },
	{ 0x8b, "output", 0, NULL },
	{ 0x8c, "input", 0, NULL },
	{ 0x8d, "string", 0, NULL },
	{ 0x8e, "ASCII", 0, NULL },
	{ 0x8f, "BCD", 0, NULL },
	{ 0x91, "long integer", 0, NULL },
	{ 0x92, "message", 0, NULL },
	{ 0x93, "PID", 0, NULL },
	{ 0xa1, "output force", 0, NULL },
	{ 0xa2, "input force", 0, NULL },
	{ 0xe0, "ES0 function", 0, NULL },
	{ 0xe2, "timed interrupt function", 0, NULL },
	{ 0xe3, "event interrupt function", 0, NULL },
	{ 0xe4, "real time clock function", 0, NULL },
	{ 0xe5, "base hardware function", 0, NULL },
	{ 0xe6, "memory module function", 0, NULL },
	{ 0xec, "display function", 0, NULL },
	{ 0xed, "pulse train function", 0, NULL },
	{ 0xee, "pulse width function", 0, NULL },
};
const struct oto_names pccc_file_types = OTO_NAMES(file_type_rows);

static const struct oto_name slc_mode_rows[] = {
	{ 0x01, "program", OTO_OP_STOP, "the program stops" },
	{ 0x06, "run", OTO_OP_START, "the program runs" },
	{ 0x07, "test continuous", OTO_OP_MODE, "the program runs, outputs do not work" },
	{ 0x08, "test single scan", OTO_OP_MODE, "one scan of the program, outputs do not work" },
	{ 0x09, "test debug", OTO_OP_MODE, "step by step" },
};
const struct oto_names pccc_slc_modes = OTO_NAMES(slc_mode_rows);

static const struct oto_name plc5_mode_rows[] = {
	{ 0x00, "program", OTO_OP_STOP, "the program stops" },
	{ 0x01, "test", OTO_OP_MODE, "the program runs, outputs do not work" },
	{ 0x02, "run", OTO_OP_START, "the program runs" },
};
const struct oto_names pccc_plc5_modes = OTO_NAMES(plc5_mode_rows);

static const struct pccc_file files[] = {
	{ 0x89, "N", OTO_VEC_I16LE, 2, -1, { 0 } },
	{ 0x8a, "F", OTO_VEC_F32LE, 4, -1, { 0 } },
	{ 0x85, "B", OTO_VEC_U16LE, 2, -1, { 0 } },
	{ 0x86, "T", OTO_VEC_U16LE, 2, -1, { NULL, "PRE", "ACC" } },
	{ 0x87, "C", OTO_VEC_U16LE, 2, -1, { NULL, "PRE", "ACC" } },
	{ 0x88, "R", OTO_VEC_U16LE, 2, -1, { NULL, "LEN", "POS" } },
	{ 0x82, "O", OTO_VEC_U16LE, 2, 0, { 0 } },
	{ 0x83, "I", OTO_VEC_U16LE, 2, 1, { 0 } },
	{ 0x84, "S", OTO_VEC_U16LE, 2, 2, { 0 } },
	{ 0x8b, "O", OTO_VEC_U16LE, 2, 0, { 0 } },
	{ 0x8c, "I", OTO_VEC_U16LE, 2, 1, { 0 } },
	{ 0x8d, "ST", 0, 0, -1, { 0 } },
	{ 0x8e, "A", 0, 0, -1, { 0 } },
	{ 0x8f, "D", OTO_VEC_U16LE, 2, -1, { 0 } },
	{ 0x91, "L", OTO_VEC_I32LE, 4, -1, { 0 } },
	{ 0x92, "MG", 0, 0, -1, { 0 } },
	{ 0x93, "PD", OTO_VEC_I16LE, 2, -1, { 0 } },
};

const struct pccc_file *pccc_file_of(uint8_t type)
{
	for (uint32_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (files[i].type == type)
			return &files[i];
	}
	return NULL;
}
