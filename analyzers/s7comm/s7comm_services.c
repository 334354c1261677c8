/* s7comm_services.c - the words of blocks and of program invocation (PI) services. See s7comm_tables.h. */
#include "s7comm_tables.h"

/* ------------------------------------------------------------------------------------------------ blocks */

static const struct oto_name languages_rows[] = {
	{ 0, "undefined", 0, NULL },    { 1, "AWL", 0, NULL },
	{ 2, "KOP", 0, NULL },          { 3, "FUP", 0, NULL },
	{ 4, "SCL", 0, NULL },          { 5, "DB", 0, NULL },
	{ 6, "GRAPH", 0, NULL },        { 7, "SDB", 0, NULL },
	{ 8, "CPU-DB", 0, NULL },       { 17, "SDB_after_reset", 0, NULL },
	{ 18, "SDB_routing", 0, NULL }, { 41, "encrypted", 0, NULL },
};
const struct oto_names s7_languages = OTO_NAMES(languages_rows);

static const struct oto_name block_functions_rows[] = {
	{ 0x1a, "Request Download", 0, NULL }, { 0x1b, "Download Block", 0, NULL }, { 0x1c, "Download Ended", 0, NULL },
	{ 0x1d, "Start Upload", 0, NULL },     { 0x1e, "Upload", 0, NULL },         { 0x1f, "End Upload", 0, NULL },
};
const struct oto_names s7_block_functions = OTO_NAMES(block_functions_rows);

static const struct oto_name info_functions_rows[] = {
	{ 1, "list", 0, NULL },
	{ 2, "list_of_type", 0, NULL },
	{ 3, "info", 0, NULL },
};
const struct oto_names s7_info_functions = OTO_NAMES(info_functions_rows);

struct block_type {
	char code[3], word[4];
	const char *name;
};
static const struct block_type block_types[] = {
	{ "08", "OB", "Organization Block" },     { "0A", "DB", "Data Block" },
	{ "0B", "SDB", "System Data Block" },     { "0C", "FC", "Function" },
	{ "0D", "SFC", "System Function" },       { "0E", "FB", "Function Block" },
	{ "0F", "SFB", "System Function Block" },
};

static const struct block_type *block_type(struct oto_slice type)
{
	for (uint32_t i = 0; type.len == 2 && i < sizeof block_types / sizeof *block_types; i++) {
		if (!memcmp(block_types[i].code, type.data, 2))
			return &block_types[i];
	}
	return NULL;
}

const char *s7_block_long(struct oto_slice type)
{
	const struct block_type *t = block_type(type);

	return t ? t->name : "Unknown";
}

const char *s7_block_short(struct oto_slice type)
{
	const struct block_type *t = block_type(type);

	return t ? t->word : "block";
}

/* ------------------------------------------------------------------------------------------------ services */

static const struct s7_service services[] = {

	{ "_INSE", "Activates a PLC module", OTO_OP_PROGRAM_WRITE, "Insert Block", false },
	{ "_INS2", "Activates a PLC module", OTO_OP_PROGRAM_WRITE, "Insert Block", false },
	{ "_DELE", "Removes module from the PLC's passive file system", OTO_OP_PROGRAM_WRITE, "Delete Block", false },
	{ "P_PROGRAM", "PLC Start / Stop", OTO_OP_START, "PLC Start", false },
	{ "_MODU", "PLC Copy Ram to Rom", OTO_OP_CONFIGURE, "Copy RAM to ROM", false },
	{ "_GARB", "Compress PLC memory", OTO_OP_CONFIGURE, "Compress Memory", false },
	{ "_N_LOGIN_", "Login", OTO_OP_AUTHENTICATE, "PI _N_LOGIN_", true },
	{ "_N_LOGOUT", "Logout", OTO_OP_AUTHENTICATE, "PI _N_LOGOUT", false },
	{ "_N_CANCEL", "Cancels NC alarm", OTO_OP_CLEAR, "PI _N_CANCEL", false },
	{ "_N_DASAVE", "PI-Service for copying data from SRAM to FLASH", OTO_OP_CONFIGURE, "PI _N_DASAVE", false },
	{ "_N_DIGIOF", "Turns off digitizing", OTO_OP_MODE, "PI _N_DIGIOF", false },
	{ "_N_DIGION", "Turns on digitizing", OTO_OP_MODE, "PI _N_DIGION", false },
	{ "_N_DZERO_", "Set all D numbers invalid for function", OTO_OP_CONFIGURE, "PI _N_DZERO_", false },
	{ "_N_ENDEXT", "Ends external", OTO_OP_OTHER, "PI _N_ENDEXT", false },
	{ "_N_F_OPER", "Opens a file read-only", OTO_OP_PROGRAM_READ, "PI _N_F_OPER", false },
	{ "_N_OST_OF", "Overstore OFF", OTO_OP_MODE, "PI _N_OST_OF", false },
	{ "_N_OST_ON", "Overstore ON", OTO_OP_MODE, "PI _N_OST_ON", false },
	{ "_N_SCALE_", "Unit of measurement setting (metric<->INCH)", OTO_OP_CONFIGURE, "PI _N_SCALE_", false },
	{ "_N_SETUFR", "Activates user frame", OTO_OP_CONFIGURE, "PI _N_SETUFR", false },
	{ "_N_STRTLK", "The global start disable is set", OTO_OP_MODE, "PI _N_STRTLK", false },
	{ "_N_STRTUL", "The global start disable is reset", OTO_OP_MODE, "PI _N_STRTUL", false },
	{ "_N_TMRASS", "Resets the Active status", OTO_OP_CONFIGURE, "PI _N_TMRASS", false },
	{ "_N_F_DELE", "Deletes file", OTO_OP_PROGRAM_WRITE, "PI _N_F_DELE", false },
	{ "_N_EXTERN", "Selects external program for execution", OTO_OP_MODE, "PI _N_EXTERN", false },
	{ "_N_EXTMOD", "Selects external program for execution", OTO_OP_MODE, "PI _N_EXTMOD", false },
	{ "_N_F_DELR", "Delete file even without access rights", OTO_OP_PROGRAM_WRITE, "PI _N_F_DELR", false },
	{ "_N_F_XFER", "Selects file for uploading", OTO_OP_PROGRAM_READ, "PI _N_F_XFER", false },
	{ "_N_LOCKE_", "Locks the active file for editing", OTO_OP_CONFIGURE, "PI _N_LOCKE_", false },
	{ "_N_SELECT", "Selects program for execution", OTO_OP_MODE, "PI _N_SELECT", false },
	{ "_N_SRTEXT", "A file is being marked in _N_EXT_DIR", OTO_OP_CONFIGURE, "PI _N_SRTEXT", false },
	{ "_N_F_CLOS", "Closes file", OTO_OP_OTHER, "PI _N_F_CLOS", false },
	{ "_N_F_OPEN", "Opens file", OTO_OP_PROGRAM_WRITE, "PI _N_F_OPEN", false },
	{ "_N_F_SEEK", "Position the file search pointer", OTO_OP_OTHER, "PI _N_F_SEEK", false },
	{ "_N_ASUP__", "Assigns interrupt", OTO_OP_CONFIGURE, "PI _N_ASUP__", false },
	{ "_N_CHEKDM", "Start uniqueness check on D numbers", OTO_OP_DIAGNOSE, "PI _N_CHEKDM", false },
	{ "_N_CHKDNO", "Check whether the tools have unique D numbers", OTO_OP_DIAGNOSE, "PI _N_CHKDNO", false },
	{ "_N_CONFIG", "Reconfigures machine data", OTO_OP_CONFIGURE, "PI _N_CONFIG", false },
	{ "_N_CRCEDN", "Creates a cutting edge by specifying an edge number", OTO_OP_CONFIGURE, "PI _N_CRCEDN", false },
	{ "_N_DELECE", "Deletes a cutting edge", OTO_OP_CONFIGURE, "PI _N_DELECE", false },
	{ "_N_CREACE", "Creates a cutting edge", OTO_OP_CONFIGURE, "PI _N_CREACE", false },
	{ "_N_CREATO", "Creates a tool", OTO_OP_CONFIGURE, "PI _N_CREATO", false },
	{ "_N_DELETO", "Deletes tool", OTO_OP_CONFIGURE, "PI _N_DELETO", false },
	{ "_N_CRTOCE", "Generate tool with specified edge number", OTO_OP_CONFIGURE, "PI _N_CRTOCE", false },
	{ "_N_DELVAR", "Delete data block", OTO_OP_CONFIGURE, "PI _N_DELVAR", false },
	{ "_N_F_COPY", "Copies file within the NCK", OTO_OP_PROGRAM_WRITE, "PI _N_F_COPY", false },
	{ "_N_F_DMDA", "Deletes MDA memory", OTO_OP_PROGRAM_WRITE, "PI _N_F_DMDA", false },
	{ "_N_F_PROT", "Assigns a protection level to a file", OTO_OP_CONFIGURE, "PI _N_F_PROT", false },
	{ "_N_F_RENA", "Renames file", OTO_OP_PROGRAM_WRITE, "PI _N_F_RENA", false },
	{ "_N_FINDBL", "Activates search", OTO_OP_MODE, "PI _N_FINDBL", false },
	{ "_N_IBN_SS", "Sets the set-up switch", OTO_OP_MODE, "PI _N_IBN_SS", false },
	{ "_N_MMCSEM", "MMC-Semaphore", OTO_OP_OTHER, "PI _N_MMCSEM", false },
	{ "_N_NCKMOD", "The mode in which the NCK will work is being set", OTO_OP_MODE, "PI _N_NCKMOD", false },
	{ "_N_NEWPWD", "New password", OTO_OP_AUTHENTICATE, "PI _N_NEWPWD", true },
	{ "_N_SEL_BL", "Selects a new block", OTO_OP_MODE, "PI _N_SEL_BL", false },
	{ "_N_SETTST", "Activate tools for replacement tool group", OTO_OP_CONFIGURE, "PI _N_SETTST", false },
	{ "_N_TMAWCO", "Set the active wear group in one magazine", OTO_OP_CONFIGURE, "PI _N_TMAWCO", false },
	{ "_N_TMCRTC", "Create tool with specified edge number", OTO_OP_CONFIGURE, "PI _N_TMCRTC", false },
	{ "_N_TMCRTO", "Creates tool in the tool management", OTO_OP_CONFIGURE, "PI _N_TMCRTO", false },
	{ "_N_TMFDPL", "Searches an empty place for loading", OTO_OP_OTHER, "PI _N_TMFDPL", false },
	{ "_N_TMFPBP", "Searches for empty location", OTO_OP_OTHER, "PI _N_TMFPBP", false },
	{ "_N_TMGETT", "Determines T-number for specific toolID with Duplono", OTO_OP_READ, "PI _N_TMGETT", false },
	{ "_N_TMMVTL", "Loads or unloads a tool", OTO_OP_MODE, "PI _N_TMMVTL", false },
	{ "_N_TMPCIT", "Sets increment value of the piece counter", OTO_OP_CONFIGURE, "PI _N_TMPCIT", false },
	{ "_N_TMPOSM", "Positions a magazine or tool", OTO_OP_MODE, "PI _N_TMPOSM", false },
	{ "_N_TRESMO", "Reset monitoring values", OTO_OP_CLEAR, "PI _N_TRESMO", false },
	{ "_N_TSEARC", "Complex search via search screenforms", OTO_OP_READ, "PI _N_TSEARC", false },
};

const struct s7_service *s7_service_of(struct oto_slice name)
{
	for (uint32_t i = 0; i < sizeof services / sizeof *services; i++) {
		if (strlen(services[i].name) == name.len && !memcmp(services[i].name, name.data, name.len))
			return &services[i];
	}
	return NULL;
}

uint32_t s7_service_row(const struct s7_service *service)
{
	return service ? (uint32_t)(service - services) + 1 : 0;
}

const struct s7_service *s7_service_at(uint32_t row)
{
	return row && row <= sizeof services / sizeof *services ? &services[row - 1] : NULL;
}
