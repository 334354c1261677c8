/* ads_tables.c - the words of ADS: commands, ports of AMS, index groups with what they do to a device, states, types, return codes. */
#include "ads.h"

/* "ADS Commands". */
static const struct oto_name commands_rows[] = {
	{ 1, "ReadDeviceInfo", OTO_OP_DISCOVER, "name and version of a server" },
	{ 2, "Read", OTO_OP_READ, "what stands at an index group and offset" },
	{ 3, "Write", OTO_OP_WRITE, "the same is written" },
	{ 4, "ReadState", OTO_OP_DIAGNOSE, "state of a server and of its device" },
	{ 5, "WriteControl", OTO_OP_MODE, "another state is wanted: start, stop, reset, configuration" },
	{ 6, "AddDeviceNotification", OTO_OP_CYCLIC, "values are sent by themselves from now on" },
	{ 7, "DeleteDeviceNotification", OTO_OP_CYCLIC, "no more" },
	{ 8, "DeviceNotification", OTO_OP_CYCLIC, "values, sent by the server" },
	{ 9, "ReadWrite", OTO_OP_OTHER, "something is written, and its answer read" },
};
const struct oto_names ads_commands = OTO_NAMES(commands_rows);

/* Behind the first two bytes, between programs and the router of their own machine. */
static const struct oto_name tcp_rows[] = {
	{ 0x0000, "ams_command", 0, "a message of AMS follows" },
	{ 0x0001, "port_close", 0, "a program gives its port back" },
	{ 0x1000, "port_connect", 0, "a program wants a port" },
	{ 0x1001, "router_notification", 0, "the router's state" },
	{ 0x1002, "get_local_net_id", 0, "what is the router's own NetId?" },
};
const struct oto_names ads_tcp_commands = OTO_NAMES(tcp_rows);

/* "AMS NetId and port": which server of a device is meant. */
static const struct oto_name ports_rows[] = {
	{ 1, "router", 0, NULL },
	{ 2, "debugger", 0, NULL },
	{ 10, "tcom_server", 0, NULL },
	{ 30, "license_server", 0, NULL },
	{ 100, "logger", 0, NULL },
	{ 110, "event_logger", 0, NULL },
	{ 120, "device_application", 0, NULL },
	{ 130, "event_logger_um", 0, NULL },
	{ 131, "event_logger_rt", 0, NULL },
	{ 200, "r0_realtime", 0, NULL },
	{ 290, "r0_trace", 0, NULL },
	{ 300, "r0_io", 0, NULL },
	{ 301, "r0_io_task_1", 0, NULL },
	{ 302, "r0_io_task_2", 0, NULL },
	{ 400, "r0_sps", 0, NULL },
	{ 500, "r0_nc", 0, NULL },
	{ 501, "r0_nc_saf", 0, NULL },
	{ 511, "r0_nc_svb", 0, NULL },
	{ 550, "r0_isg", 0, NULL },
	{ 600, "r0_cnc", 0, NULL },
	{ 700, "r0_line", 0, NULL },
	{ 800, "r0_plc", 0, NULL },
	{ 801, "plc_tc2_1", 0, NULL },
	{ 811, "plc_tc2_2", 0, NULL },
	{ 821, "plc_tc2_3", 0, NULL },
	{ 831, "plc_tc2_4", 0, NULL },
	{ 850, "r0_rts", 0, NULL },
	{ 851, "plc_tc3_1", 0, NULL },
	{ 852, "plc_tc3_2", 0, NULL },
	{ 853, "plc_tc3_3", 0, NULL },
	{ 854, "plc_tc3_4", 0, NULL },
	{ 855, "plc_tc3_5", 0, NULL },
	{ 900, "camshaft_controller", 0, NULL },
	{ 950, "r0_cam_tool", 0, NULL },
	{ 2000, "r0_user", 0, NULL },
	{ 10000, "system_service", 0, NULL },
	{ 10001, "system_control", 0, NULL },
	{ 10100, "system_sampler", 0, NULL },
	{ 10200, "tcp_raw_connection", 0, NULL },
	{ 10201, "tcp_ip_server", 0, NULL },
	{ 10300, "system_manager", 0, NULL },
	{ 10400, "sms_server", 0, NULL },
	{ 10500, "modbus_server", 0, NULL },
	{ 10502, "ams_logger", 0, NULL },
	{ 10600, "xml_data_server", 0, NULL },
	{ 10700, "auto_configuration", 0, NULL },
	{ 10800, "plc_control", 0, NULL },
	{ 10900, "ftp_client", 0, NULL },
	{ 11000, "nc_control", 0, NULL },
	{ 11500, "nc_interpreter", 0, NULL },
	{ 13000, "cam_control", 0, NULL },
	{ 14000, "scope", 0, NULL },
	{ 14100, "condition_monitoring", 0, NULL },
	{ 17000, "opc_server", 0, NULL },
	{ 17500, "opc_client", 0, NULL },
	{ 18000, "mail_server", 0, NULL },
	{ 19500, "vn_service", 0, NULL },
	{ 19600, "multiuser", 0, NULL },
	{ 65535, "ethercat_master", 0, NULL },
};
const struct oto_names ads_ports = OTO_NAMES(ports_rows);

static const struct oto_name states_rows[] = {
	{ 0, "INVALID", 0, NULL },   { 1, "IDLE", 0, NULL },         { 2, "RESET", 0, NULL },         { 3, "INIT", 0, NULL },
	{ 4, "START", 0, NULL },     { 5, "RUN", 0, NULL },          { 6, "STOP", 0, NULL },          { 7, "SAVECFG", 0, NULL },
	{ 8, "LOADCFG", 0, NULL },   { 9, "POWERFAILURE", 0, NULL }, { 10, "POWERGOOD", 0, NULL },    { 11, "ERROR", 0, NULL },
	{ 12, "SHUTDOWN", 0, NULL }, { 13, "SUSPEND", 0, NULL },     { 14, "RESUME", 0, NULL },       { 15, "CONFIG", 0, NULL },
	{ 16, "RECONFIG", 0, NULL }, { 17, "STOPPING", 0, NULL },    { 18, "INCOMPATIBLE", 0, NULL }, { 19, "EXCEPTION", 0, NULL },
};
const struct oto_names ads_states = OTO_NAMES(states_rows);

/* What WriteControl does, by the state that is wanted. RESET of the system service restarts TwinCAT in run mode, of a runtime it sets the
 * program back; CONFIG and RECONFIG stop all of it. */
static const struct oto_name control_rows[] = {
	{ ADS_IDLE, "IDLE", OTO_OP_STOP, NULL },
	{ ADS_RESET, "RESET", OTO_OP_RESET, NULL },
	{ 3, "INIT", OTO_OP_RESET, NULL },
	{ ADS_START, "START", OTO_OP_START, NULL },
	{ ADS_RUN, "RUN", OTO_OP_START, NULL },
	{ ADS_STOP, "STOP", OTO_OP_STOP, NULL },
	{ 7, "SAVECFG", OTO_OP_CONFIGURE, NULL },
	{ 8, "LOADCFG", OTO_OP_CONFIGURE, NULL },
	{ ADS_SHUTDOWN, "SHUTDOWN", OTO_OP_STOP, NULL },
	{ ADS_SUSPEND, "SUSPEND", OTO_OP_STOP, NULL },
	{ ADS_RESUME, "RESUME", OTO_OP_START, NULL },
	{ ADS_CONFIG, "CONFIG", OTO_OP_MODE, NULL },
	{ ADS_RECONFIG, "RECONFIG", OTO_OP_MODE, NULL },
};
const struct oto_names ads_control_ops = OTO_NAMES(control_rows);

static const struct oto_name modes_rows[] = {
	{ 0, "none", 0, NULL },
	{ 1, "client_cycle", 0, NULL },
	{ 2, "client_on_change", 0, NULL },
	{ 3, "cyclic", 0, NULL },
	{ 4, "on_change", 0, NULL },
	{ 5, "cyclic_in_context", 0, NULL },
	{ 6, "on_change_in_context", 0, NULL },
	{ 10, "client_one_request", 0, NULL },
};
const struct oto_names ads_modes = OTO_NAMES(modes_rows);

static const struct oto_name types_rows[] = {
	{ 0, "VOID", 0, NULL },
	{ ADS_INT16, "INT16", 0, NULL },
	{ ADS_INT32, "INT32", 0, NULL },
	{ ADS_REAL32, "REAL32", 0, NULL },
	{ ADS_REAL64, "REAL64", 0, NULL },
	{ ADS_INT8, "INT8", 0, NULL },
	{ ADS_UINT8, "UINT8", 0, NULL },
	{ ADS_UINT16, "UINT16", 0, NULL },
	{ ADS_UINT32, "UINT32", 0, NULL },
	{ ADS_INT64, "INT64", 0, NULL },
	{ ADS_UINT64, "UINT64", 0, NULL },
	{ ADS_STRING, "STRING", 0, NULL },
	{ 31, "WSTRING", 0, NULL },
	{ 32, "REAL80", 0, NULL },
	{ ADS_BIT, "BIT", 0, NULL },
	{ 65, "BIGTYPE", 0, NULL },
};
const struct oto_names ads_types = OTO_NAMES(types_rows);

static const struct oto_name accesses_rows[] = {
	{ ADS_IS_READ, "read", 0, NULL },
	{ ADS_IS_WRITTEN, "write", 0, NULL },
	{ ADS_IS_NOTIFIED, "notification", 0, NULL },
};
const struct oto_names ads_accesses = OTO_NAMES(accesses_rows);

/* ------------------------------------------------------------------------------------------------ index groups */

#define GROUP(number, word, op, write_op, space, doc)                                                                                      \
	{                                                                                                                                  \
		{ number, word, op, doc }, write_op, space                                                                                 \
	}

static const struct ads_group group_rows[] = {
	/* of the system service: "ADS interface of the TwinCAT system service" */
	GROUP(ADS_OPEN_CREATE, "OPENCREATE", OTO_OP_WRITE, 0, NULL, "a file is made"),
	GROUP(101, "OPENREAD", OTO_OP_READ, 0, NULL, "a file is opened"),
	GROUP(ADS_OPEN_WRITE, "OPENWRITE", OTO_OP_WRITE, 0, NULL, "a file is opened"),
	GROUP(110, "CREATEFILE", OTO_OP_WRITE, 0, NULL, "a file is made or opened"),
	GROUP(111, "CLOSEHANDLE", OTO_OP_OTHER, OTO_OP_OTHER, NULL, "a file is closed"),
	GROUP(ADS_FOPEN, "FOPEN", OTO_OP_READ, 0, NULL, "a file is opened"),
	GROUP(ADS_FCLOSE, "FCLOSE", OTO_OP_OTHER, OTO_OP_OTHER, NULL, "a file is closed"),
	GROUP(ADS_FREAD, "FREAD", OTO_OP_READ, 0, NULL, "a piece of a file is read"),
	GROUP(ADS_FWRITE, "FWRITE", OTO_OP_WRITE, OTO_OP_WRITE, NULL, "a piece of a file is written"),
	GROUP(ADS_FSEEK, "FSEEK", OTO_OP_OTHER, OTO_OP_OTHER, NULL, "another place of a file"),
	GROUP(125, "FTELL", OTO_OP_OTHER, 0, NULL, "the place in a file"),
	GROUP(126, "FGETS", OTO_OP_READ, 0, NULL, "a line of a file is read"),
	GROUP(127, "FPUTS", OTO_OP_WRITE, OTO_OP_WRITE, NULL, "a line of a file is written"),
	GROUP(ADS_FEOF, "FEOF", OTO_OP_OTHER, 0, NULL, "is the file at its end?"),
	GROUP(ADS_FDELETE, "FDELETE", OTO_OP_WRITE, OTO_OP_WRITE, NULL, "a file is deleted"),
	GROUP(ADS_FRENAME, "FRENAME", OTO_OP_WRITE, OTO_OP_WRITE, NULL, "a file gets another name"),
	GROUP(133, "FFILEFIND", OTO_OP_DISCOVER, 0, NULL, "files of a directory"),
	GROUP(134, "FGETSTATUS", OTO_OP_DISCOVER, 0, NULL, "state of a file"),
	GROUP(136, "FCOPY", OTO_OP_WRITE, OTO_OP_WRITE, NULL, "a file is copied"),
	GROUP(137, "FGETMD5HASH", OTO_OP_DISCOVER, 0, NULL, "hash of a file"),
	GROUP(138, "MKDIR", OTO_OP_WRITE, OTO_OP_WRITE, NULL, "a directory is made"),
	GROUP(ADS_RMDIR, "RMDIR", OTO_OP_WRITE, OTO_OP_WRITE, NULL, "a directory is deleted"),
	GROUP(141, "UDP_DISCOVERY", OTO_OP_DISCOVER, 0, NULL, "the device looks for others"),
	GROUP(160, "PRODUCT_VERSION", OTO_OP_DISCOVER, 0, NULL, "version of TwinCAT"),
	GROUP(170, "ADD_INITCMD", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "a command for each start is added"),
	GROUP(171, "DEL_INITCMD", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "or taken out"),
	GROUP(172, "DEL_ALLADDEDINITCMDS", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "all of them"),
	GROUP(180, "HASHED_BOOTDATA", OTO_OP_READ, OTO_OP_WRITE, NULL, "data kept over a restart"),
	GROUP(ADS_REGISTRY, "REG_HKEYLOCALMACHINE", OTO_OP_READ, OTO_OP_CONFIGURE, NULL, "values of the registry"),
	GROUP(201, "REG_HKEYCURRENTUSER", OTO_OP_READ, OTO_OP_CONFIGURE, NULL, "values of the registry"),
	GROUP(ADS_REGISTRY_LAST, "REG_HKEYCLASSESROOT", OTO_OP_READ, OTO_OP_CONFIGURE, NULL, "values of the registry"),
	GROUP(220, "SYS_CONTROL", OTO_OP_DIAGNOSE, OTO_OP_CONFIGURE, NULL, "how the system starts"),
	GROUP(230, "SYS_LOAD_SERVER", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "a server is loaded"),
	GROUP(ADS_SERVICE_STATE, "SYSSERV_STATE", OTO_OP_DIAGNOSE, 0, NULL, "state, version and platform"),
	GROUP(300, "SENDEMAIL", OTO_OP_OTHER, OTO_OP_OTHER, NULL, "the device sends mail"),
	GROUP(400, "TIMESERVICES", OTO_OP_DIAGNOSE, OTO_OP_TIME, NULL, "the clock is read or set"),
	GROUP(ADS_START_PROCESS, "STARTPROCESS", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "a program of the operating system is started"),
	GROUP(600, "CHANGENETID", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "the device gets another NetId"),
	GROUP(601, "QUERYNETID", OTO_OP_DISCOVER, 0, NULL, "its NetId"),
	GROUP(ADS_TARGET_INFO, "TARGETINFO", OTO_OP_DISCOVER, 0, NULL, "model, serial number, versions"),
	GROUP(701, "IPHELPERAPI", OTO_OP_DISCOVER, OTO_OP_CONFIGURE, NULL, "network adapters"),
	GROUP(ADS_HOST_NAME, "IPHOSTNAME", OTO_OP_DISCOVER, OTO_OP_CONFIGURE, NULL, "its name"),
	GROUP(703, "IPADDRINFO", OTO_OP_DISCOVER, OTO_OP_CONFIGURE, NULL, "its addresses"),
	GROUP(801, "ADDREMOTE", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "a route is added"),
	GROUP(802, "DELREMOTE", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "a route is deleted"),
	GROUP(803, "ENUMREMOTE", OTO_OP_DISCOVER, 0, NULL, "its routes"),
	GROUP(804, "TEST_CONNECTION", OTO_OP_DIAGNOSE, 0, NULL, "does a route work?"),
	GROUP(805, "CHANGEREMOTEFILE", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "the file of its routes is changed"),
	GROUP(900, "SCREENRES", OTO_OP_DISCOVER, OTO_OP_CONFIGURE, NULL, "resolution of its screen"),
	GROUP(1200, "SETNUMPROC", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "processors for Windows"),
	GROUP(1300, "NETCFG", OTO_OP_DISCOVER, OTO_OP_CONFIGURE, NULL, "network adapters"),
	GROUP(1400, "ENV_VARS", OTO_OP_DISCOVER, OTO_OP_CONFIGURE, NULL, "variables of the environment"),
	GROUP(1500, "LICENSE", OTO_OP_DISCOVER, OTO_OP_CONFIGURE, NULL, "licenses"),
	GROUP(ADS_DEFAULT_PASSWORD, "DEFAULTPWD_ENCRYPTED", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "password of the automatic login"),
	/* of the PLC's runtimes: "Index group/offset of the PLC" */
	GROUP(0x4000, "PLC_RWIB", 0, 0, "plc_input", "bytes of inputs"),
	GROUP(0x4010, "PLC_RWOB", 0, 0, "plc_output", "bytes of outputs"),
	GROUP(0x4020, "PLC_RWM", 0, 0, "memory", "bytes of flags, %M"),
	GROUP(0x4021, "PLC_RWMX", 0, 0, "memory_bit", "bits of flags, %MX"),
	GROUP(0x4025, "PLC_RMSIZE", OTO_OP_DISCOVER, 0, NULL, "size of the flags"),
	GROUP(0x4030, "PLC_RWRB", 0, 0, "retain", "bytes of retain data"),
	GROUP(0x4035, "PLC_RRSIZE", OTO_OP_DISCOVER, 0, NULL, "size of the retain data"),
	GROUP(0x4040, "PLC_RWDB", 0, 0, "data", "bytes of data"),
	GROUP(0x4045, "PLC_RDSIZE", OTO_OP_DISCOVER, 0, NULL, "size of the data"),
	/* of every server: "Index group/offset specification of TwinCAT ADS system services", and AdsDef.h of Beckhoff's library */
	GROUP(0xf000, "SYMTAB", OTO_OP_DISCOVER, 0, NULL, "symbol table"),
	GROUP(0xf001, "SYMNAME", OTO_OP_DISCOVER, 0, NULL, "symbol names"),
	GROUP(0xf002, "SYMVAL", 0, 0, NULL, "symbol values"),
	GROUP(0xf003, "SYM_HNDBYNAME", OTO_OP_DISCOVER, 0, NULL, "a handle for a name"),
	GROUP(0xf004, "SYM_VALBYNAME", OTO_OP_READ, 0, NULL, "a value by its name"),
	GROUP(0xf005, "SYM_VALBYHND", 0, 0, NULL, "a value by a handle"),
	GROUP(0xf006, "SYM_RELEASEHND", OTO_OP_OTHER, OTO_OP_OTHER, NULL, "a handle is not needed any more"),
	GROUP(0xf007, "SYM_INFOBYNAME", OTO_OP_DISCOVER, 0, NULL, "where a symbol stands"),
	GROUP(0xf008, "SYM_VERSION", OTO_OP_DIAGNOSE, 0, NULL, "counts changes of the symbol table"),
	GROUP(0xf009, "SYM_INFOBYNAMEEX", OTO_OP_DISCOVER, 0, NULL, "the entry of a symbol"),
	GROUP(0xf00a, "SYM_DOWNLOAD", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "a symbol table is put in"),
	GROUP(0xf00b, "SYM_UPLOAD", OTO_OP_DISCOVER, 0, NULL, "all entries of the symbol table"),
	GROUP(0xf00c, "SYM_UPLOADINFO", OTO_OP_DISCOVER, 0, NULL, "how many there are"),
	GROUP(0xf00d, "SYM_DOWNLOAD2", OTO_OP_CONFIGURE, OTO_OP_CONFIGURE, NULL, "a symbol table is put in"),
	GROUP(0xf00e, "SYM_DT_UPLOAD", OTO_OP_DISCOVER, 0, NULL, "all data types"),
	GROUP(0xf00f, "SYM_UPLOADINFO2", OTO_OP_DISCOVER, 0, NULL, "how many symbols and types there are"),
	GROUP(0xf010, "SYMNOTE", OTO_OP_CYCLIC, 0, NULL, "notification of a named handle"),
	GROUP(0xf011, "SYM_DT_INFOBYNAMEEX", OTO_OP_DISCOVER, 0, NULL, "a data type by its name"),
	GROUP(0xf020, "IOIMAGE_RWIB", 0, 0, "input", "bytes of inputs"),
	GROUP(0xf021, "IOIMAGE_RWIX", 0, 0, "input_bit", "bits of inputs"),
	GROUP(0xf025, "IOIMAGE_RISIZE", OTO_OP_DISCOVER, 0, NULL, "size of the inputs"),
	GROUP(0xf030, "IOIMAGE_RWOB", 0, 0, "output", "bytes of outputs"),
	GROUP(0xf031, "IOIMAGE_RWOX", 0, 0, "output_bit", "bits of outputs"),
	GROUP(0xf035, "IOIMAGE_ROSIZE", OTO_OP_DISCOVER, 0, NULL, "size of the outputs"),
	GROUP(0xf040, "IOIMAGE_CLEARI", 0, OTO_OP_WRITE, NULL, "all inputs become zero"),
	GROUP(0xf050, "IOIMAGE_CLEARO", 0, OTO_OP_WRITE, NULL, "all outputs become zero"),
	GROUP(0xf060, "IOIMAGE_RWIOB", OTO_OP_WRITE, OTO_OP_WRITE, NULL, "inputs are read and outputs written"),
	GROUP(0xf080, "SUMUP_READ", OTO_OP_READ, 0, NULL, "several reads"),
	GROUP(0xf081, "SUMUP_WRITE", OTO_OP_WRITE, 0, NULL, "several writes"),
	GROUP(0xf082, "SUMUP_READWRITE", OTO_OP_OTHER, 0, NULL, "several of ReadWrite"),
	GROUP(0xf083, "SUMUP_READEX", OTO_OP_READ, 0, NULL, "several reads, with lengths"),
	GROUP(0xf084, "SUMUP_READEX2", OTO_OP_READ, 0, NULL, "several reads, with the lengths that came"),
	GROUP(0xf085, "SUMUP_ADDDEVNOTE", OTO_OP_CYCLIC, 0, NULL, "several notifications wanted"),
	GROUP(0xf086, "SUMUP_DELDEVNOTE", OTO_OP_CYCLIC, 0, NULL, "and not wanted any more"),
	GROUP(0xf100, "DEVICE_DATA", OTO_OP_DIAGNOSE, 0, NULL, "state of the device"),
};
const struct oto_names ads_groups = { sizeof(struct oto_names), sizeof group_rows / sizeof *group_rows, sizeof *group_rows,
				      &group_rows->name };

static bool is_plc(uint16_t port)
{
	return port >= 800 && port < 900;
}

static bool has_groups(uint16_t port, uint32_t group)
{
	enum { OF_ALL = 0xf000 };

	if (group >= OF_ALL)
		return true;
	return group <= ADS_LAST_SERVICE ? port == ADS_SYSTEM_SERVICE : is_plc(port);
}

const struct ads_group *ads_group_of(uint16_t port, uint32_t group)
{
	/* each row begins with its name */
	return has_groups(port, group) ? (const struct ads_group *)(const void *)oto_name_in_order(&ads_groups, group) : NULL;
}

/* ------------------------------------------------------------------------------------------------ files */

/* nSystemServiceOpenFile. */
enum { BOOT_PROJECT = 2, BOOT_PATH = 4 };
static const struct oto_name folder_rows[] = {
	{ BOOT_PROJECT, "boot_project", 0, NULL },
	{ 3, "boot_data", 0, NULL },
	{ BOOT_PATH, "boot", 0, NULL },
	{ 5, "target", 0, NULL },
	{ 6, "config", 0, NULL },
	{ 7, "twincat", 0, NULL },
	{ 8, "repository", 0, NULL },
};
static const struct oto_names folders = OTO_NAMES(folder_rows);

const char *ads_folder_of(uint32_t mode)
{
	const struct oto_name *row = oto_name_of(&folders, mode >> 16);

	return row ? row->name : NULL;
}

bool ads_is_boot_folder(uint32_t mode)
{
	return mode >> 16 == BOOT_PROJECT || mode >> 16 == BOOT_PATH;
}

/* ------------------------------------------------------------------------------------------------ the router's datagrams */

static const struct oto_name services_rows[] = {
	{ 1, "server_info", OTO_OP_DISCOVER, "who is there?" },
	{ 6, "add_route", OTO_OP_CONFIGURE, "a machine may speak ADS with this device" },
	{ 0xb001, "delete_route", OTO_OP_CONFIGURE, "it may not any more" },
};
const struct oto_names ads_services = OTO_NAMES(services_rows);

/* ------------------------------------------------------------------------------------------------ return codes */

/* "ADS Return Codes", by Beckhoff's names. */
static const struct oto_name errors_rows[] = {
	{ 0x00, "no_error", 0, NULL },
	{ 0x01, "GLOBALERR_INTERNAL", 0, NULL },
	{ 0x02, "GLOBALERR_NO_RTIME", 0, NULL },
	{ 0x03, "GLOBALERR_ALLOC_LOCKED_MEM", 0, NULL },
	{ 0x04, "GLOBALERR_INSERT_MAILBOX", 0, NULL },
	{ 0x05, "GLOBALERR_WRONG_RECEIVE_HMSG", 0, NULL },
	{ 0x06, "GLOBALERR_TARGET_PORT", 0, NULL },
	{ 0x07, "GLOBALERR_MISSING_ROUTE", 0, NULL },
	{ 0x08, "GLOBALERR_UNKNOWN_CMD_ID", 0, NULL },
	{ 0x09, "GLOBALERR_BAD_TASK_ID", 0, NULL },
	{ 0x0a, "GLOBALERR_NO_IO", 0, NULL },
	{ 0x0b, "GLOBALERR_UNKNOWN_AMS_CMD", 0, NULL },
	{ 0x0c, "GLOBALERR_WIN32", 0, NULL },
	{ 0x0d, "GLOBALERR_PORT_NOT_CONNECTED", 0, NULL },
	{ 0x0e, "GLOBALERR_INVALID_AMS_LENGTH", 0, NULL },
	{ 0x0f, "GLOBALERR_INVALID_AMS_NETID", 0, NULL },
	{ 0x10, "GLOBALERR_LOW_INST_LEVEL", 0, NULL },
	{ 0x11, "GLOBALERR_NO_DEBUG", 0, NULL },
	{ 0x12, "GLOBALERR_PORT_DISABLED", 0, NULL },
	{ 0x13, "GLOBALERR_PORT_CONNECTED", 0, NULL },
	{ 0x14, "GLOBALERR_AMSSYNC_W32ERROR", 0, NULL },
	{ 0x15, "GLOBALERR_AMSSYNC_TIMEOUT", 0, NULL },
	{ 0x16, "GLOBALERR_AMSSYNC_AMSERROR", 0, NULL },
	{ 0x17, "GLOBALERR_AMSSYNC_NOINDEXMAP", 0, NULL },
	{ 0x18, "GLOBALERR_INVALID_AMSPORT", 0, NULL },
	{ 0x19, "GLOBALERR_NO_MEMORY", 0, NULL },
	{ 0x1a, "GLOBALERR_TCP_SEND", 0, NULL },
	{ 0x1b, "GLOBALERR_HOST_UNREACHABLE", 0, NULL },
	{ 0x1c, "GLOBALERR_INVALID_AMS_FRAGMENT", 0, NULL },
	{ 0x1d, "GLOBALERR_TLS_SEND", 0, NULL },
	{ 0x1e, "GLOBALERR_ACCESS_DENIED", 0, NULL },
	{ 0x500, "ROUTERERR_NOLOCKEDMEMORY", 0, NULL },
	{ 0x501, "ROUTERERR_RESIZEMEMORY", 0, NULL },
	{ 0x502, "ROUTERERR_MAILBOXFULL", 0, NULL },
	{ 0x503, "ROUTERERR_DEBUGBOXFULL", 0, NULL },
	{ 0x504, "ROUTERERR_UNKNOWNPORTTYPE", 0, NULL },
	{ 0x505, "ROUTERERR_NOTINITIALIZED", 0, NULL },
	{ 0x506, "ROUTERERR_PORTALREADYINUSE", 0, NULL },
	{ 0x507, "ROUTERERR_NOTREGISTERED", 0, NULL },
	{ 0x508, "ROUTERERR_NOMOREQUEUES", 0, NULL },
	{ 0x509, "ROUTERERR_INVALIDPORT", 0, NULL },
	{ 0x50a, "ROUTERERR_NOTACTIVATED", 0, NULL },
	{ 0x50b, "ROUTERERR_FRAGMENTBOXFULL", 0, NULL },
	{ 0x50c, "ROUTERERR_FRAGMENTTIMEOUT", 0, NULL },
	{ 0x50d, "ROUTERERR_TOBEREMOVED", 0, NULL },
	{ 0x700, "ADSERR_DEVICE_ERROR", 0, NULL },
	{ 0x701, "ADSERR_DEVICE_SRVNOTSUPP", 0, NULL },
	{ 0x702, "ADSERR_DEVICE_INVALIDGRP", 0, NULL },
	{ 0x703, "ADSERR_DEVICE_INVALIDOFFSET", 0, NULL },
	{ 0x704, "ADSERR_DEVICE_INVALIDACCESS", 0, NULL },
	{ 0x705, "ADSERR_DEVICE_INVALIDSIZE", 0, NULL },
	{ 0x706, "ADSERR_DEVICE_INVALIDDATA", 0, NULL },
	{ 0x707, "ADSERR_DEVICE_NOTREADY", 0, NULL },
	{ 0x708, "ADSERR_DEVICE_BUSY", 0, NULL },
	{ 0x709, "ADSERR_DEVICE_INVALIDCONTEXT", 0, NULL },
	{ 0x70a, "ADSERR_DEVICE_NOMEMORY", 0, NULL },
	{ 0x70b, "ADSERR_DEVICE_INVALIDPARM", 0, NULL },
	{ 0x70c, "ADSERR_DEVICE_NOTFOUND", 0, NULL },
	{ 0x70d, "ADSERR_DEVICE_SYNTAX", 0, NULL },
	{ 0x70e, "ADSERR_DEVICE_INCOMPATIBLE", 0, NULL },
	{ 0x70f, "ADSERR_DEVICE_EXISTS", 0, NULL },
	{ 0x710, "ADSERR_DEVICE_SYMBOLNOTFOUND", 0, NULL },
	{ 0x711, "ADSERR_DEVICE_SYMBOLVERSIONINVALID", 0, NULL },
	{ 0x712, "ADSERR_DEVICE_INVALIDSTATE", 0, NULL },
	{ 0x713, "ADSERR_DEVICE_TRANSMODENOTSUPP", 0, NULL },
	{ 0x714, "ADSERR_DEVICE_NOTIFYHNDINVALID", 0, NULL },
	{ 0x715, "ADSERR_DEVICE_CLIENTUNKNOWN", 0, NULL },
	{ 0x716, "ADSERR_DEVICE_NOMOREHDLS", 0, NULL },
	{ 0x717, "ADSERR_DEVICE_INVALIDWATCHSIZE", 0, NULL },
	{ 0x718, "ADSERR_DEVICE_NOTINIT", 0, NULL },
	{ 0x719, "ADSERR_DEVICE_TIMEOUT", 0, NULL },
	{ 0x71a, "ADSERR_DEVICE_NOINTERFACE", 0, NULL },
	{ 0x71b, "ADSERR_DEVICE_INVALIDINTERFACE", 0, NULL },
	{ 0x71c, "ADSERR_DEVICE_INVALIDCLSID", 0, NULL },
	{ 0x71d, "ADSERR_DEVICE_INVALIDOBJID", 0, NULL },
	{ 0x71e, "ADSERR_DEVICE_PENDING", 0, NULL },
	{ 0x71f, "ADSERR_DEVICE_ABORTED", 0, NULL },
	{ 0x720, "ADSERR_DEVICE_WARNING", 0, NULL },
	{ 0x721, "ADSERR_DEVICE_INVALIDARRAYIDX", 0, NULL },
	{ 0x722, "ADSERR_DEVICE_SYMBOLNOTACTIVE", 0, NULL },
	{ 0x723, "ADSERR_DEVICE_ACCESSDENIED", 0, NULL },
	{ 0x724, "ADSERR_DEVICE_LICENSENOTFOUND", 0, NULL },
	{ 0x725, "ADSERR_DEVICE_LICENSEEXPIRED", 0, NULL },
	{ 0x726, "ADSERR_DEVICE_LICENSEEXCEEDED", 0, NULL },
	{ 0x727, "ADSERR_DEVICE_LICENSEINVALID", 0, NULL },
	{ 0x728, "ADSERR_DEVICE_LICENSESYSTEMID", 0, NULL },
	{ 0x729, "ADSERR_DEVICE_LICENSENOTIMELIMIT", 0, NULL },
	{ 0x72a, "ADSERR_DEVICE_LICENSEFUTUREISSUE", 0, NULL },
	{ 0x72b, "ADSERR_DEVICE_LICENSETIMETOLONG", 0, NULL },
	{ 0x72c, "ADSERR_DEVICE_EXCEPTION", 0, NULL },
	{ 0x72d, "ADSERR_DEVICE_LICENSEDUPLICATED", 0, NULL },
	{ 0x72e, "ADSERR_DEVICE_SIGNATUREINVALID", 0, NULL },
	{ 0x72f, "ADSERR_DEVICE_CERTIFICATEINVALID", 0, NULL },
	{ 0x740, "ADSERR_CLIENT_ERROR", 0, NULL },
	{ 0x741, "ADSERR_CLIENT_INVALIDPARM", 0, NULL },
	{ 0x742, "ADSERR_CLIENT_LISTEMPTY", 0, NULL },
	{ 0x743, "ADSERR_CLIENT_VARUSED", 0, NULL },
	{ 0x744, "ADSERR_CLIENT_DUPLINVOKEID", 0, NULL },
	{ 0x745, "ADSERR_CLIENT_SYNCTIMEOUT", 0, NULL },
	{ 0x746, "ADSERR_CLIENT_W32ERROR", 0, NULL },
	{ 0x747, "ADSERR_CLIENT_TIMEOUTINVALID", 0, NULL },
	{ 0x748, "ADSERR_CLIENT_PORTNOTOPEN", 0, NULL },
	{ 0x749, "ADSERR_CLIENT_NOAMSADDR", 0, NULL },
	{ 0x750, "ADSERR_CLIENT_SYNCINTERNAL", 0, NULL },
	{ 0x751, "ADSERR_CLIENT_ADDHASH", 0, NULL },
	{ 0x752, "ADSERR_CLIENT_REMOVEHASH", 0, NULL },
	{ 0x753, "ADSERR_CLIENT_NOMORESYM", 0, NULL },
	{ 0x754, "ADSERR_CLIENT_SYNCRESINVALID", 0, NULL },
	{ 0x755, "ADSERR_CLIENT_SYNCPORTLOCKED", 0, NULL },
};
const struct oto_names ads_errors = OTO_NAMES(errors_rows);

/* SYSTEMSERVICE_REGISTRY_... */
static const struct oto_name registry_rows[] = {
	{ 1, "SYSTEMSERVICE_REGISTRY_INVALIDKEY", 0, NULL },
	{ 2, "SYSTEMSERVICE_REGISTRY_INVALIDVAL", 0, NULL },
	{ 3, "SYSTEMSERVICE_REGISTRY_INVALIDSIZE", 0, NULL },
};
static const struct oto_names registry_errors = OTO_NAMES(registry_rows);

const char *ads_registry_error_word(uint32_t code)
{
	const struct oto_name *row = oto_name_of(&registry_errors, code);

	return row ? row->name : ads_error_word(code);
}

const char *ads_error_word(uint32_t code)
{
	const struct oto_name *row = oto_name_in_order(&ads_errors, code);

	if (!code)
		return NULL;
	return row ? row->name : "error";
}
