/* dcerpc_actions.c - which calls do something to the machine they are sent to, and the names in their arguments.
 *
 * Arguments are read in NDR (C706 14.3) with pointers of four bytes, as 32-bit transfer syntax has them; where they are in another form, a
 * name is simply not found.
 */
#include "../say.h"
#include "../wide.h"
#include "dcerpc_flow.h"

/* How the stub data of an operation begins. */
enum form {
	PLAIN = 0,      /* nothing is read */
	SERVICE_CREATE, /* handle, name, display name, four numbers, command */
	SERVICE_CHANGE, /* handle, three numbers, command */
	TASK_XML,       /* path, definition in XML */
	TASK_PATH,      /* path */
	JOB_ADD,        /* server, times, command */
};

#define ROW(interface, opnum, what, form, doc)                                                                                             \
	{                                                                                                                                  \
		interface, what, opnum, form, doc                                                                                          \
	}
static const struct dcerpc_action actions[] = {
	ROW("svcctl", 12, "service_create", SERVICE_CREATE, "a service is installed"),
	ROW("svcctl", 24, "service_create", PLAIN, "a service is installed"),
	ROW("svcctl", 44, "service_create", PLAIN, "a service is installed"),
	ROW("svcctl", 45, "service_create", SERVICE_CREATE, "a service is installed"),
	ROW("svcctl", 19, "service_start", PLAIN, "a service is started"),
	ROW("svcctl", 31, "service_start", PLAIN, "a service is started"),
	ROW("svcctl", 1, "service_control", PLAIN, "a service is stopped, paused or told something"),
	ROW("svcctl", 2, "service_delete", PLAIN, "a service is removed"),
	ROW("svcctl", 11, "service_change", SERVICE_CHANGE, "a service runs something else from now on"),
	ROW("svcctl", 23, "service_change", PLAIN, "a service runs something else from now on"),
	ROW("ITaskSchedulerService", 1, "task_register", TASK_XML, "a scheduled task is made or changed"),
	ROW("ITaskSchedulerService", 12, "task_run", TASK_PATH, "a scheduled task is started"),
	ROW("ITaskSchedulerService", 13, "task_delete", TASK_PATH, "a scheduled task is removed"),
	ROW("atsvc", 0, "task_register", JOB_ADD, "a command is scheduled"),
	ROW("atsvc", 1, "task_delete", PLAIN, "a scheduled command is removed"),
	ROW("IWbemServices", 24, "wmi_method", PLAIN, "a method of Windows Management is run, which may start a program"),
	ROW("IWbemServices", 25, "wmi_method", PLAIN, "a method of Windows Management is run, which may start a program"),
	ROW("IWbemServices", 14, "wmi_put", PLAIN, "an object of Windows Management is written, which may be a lasting subscription"),
	ROW("winreg", 6, "registry_key_create", PLAIN, "a registry key is made"),
	ROW("winreg", 7, "registry_key_delete", PLAIN, "a registry key is removed"),
	ROW("winreg", 22, "registry_value_set", PLAIN, "a registry value is written"),
	ROW("winreg", 8, "registry_value_delete", PLAIN, "a registry value is removed"),
	ROW("winreg", 20, "registry_save", PLAIN, "a part of the registry is saved to a file: secrets may be in it"),
	ROW("winreg", 31, "registry_save", PLAIN, "a part of the registry is saved to a file: secrets may be in it"),
	ROW("winreg", 24, "shutdown", PLAIN, "the machine is shut down"),
	ROW("winreg", 30, "shutdown", PLAIN, "the machine is shut down"),
	ROW("InitShutdown", 0, "shutdown", PLAIN, "the machine is shut down"),
	ROW("InitShutdown", 2, "shutdown", PLAIN, "the machine is shut down"),
	ROW("WindowsShutdown", 0, "shutdown", PLAIN, "the machine is shut down"),
	ROW("eventlog", 0, "log_clear", PLAIN, "an event log is cleared"),
	ROW("eventlog", 12, "log_clear", PLAIN, "an event log is cleared"),
	ROW("even6", 6, "log_clear", PLAIN, "an event log is cleared"),
	ROW("samr", 12, "account_create", PLAIN, "a user account is made"),
	ROW("samr", 50, "account_create", PLAIN, "a user account is made"),
	ROW("samr", 35, "account_delete", PLAIN, "a user account is removed"),
	ROW("samr", 22, "group_add", PLAIN, "an account is put into a group"),
	ROW("samr", 31, "group_add", PLAIN, "an account is put into a group"),
	ROW("samr", 54, "password_set", PLAIN, "a password is changed"),
	ROW("samr", 55, "password_set", PLAIN, "a password is changed"),
	ROW("netlogon", 6, "password_set", PLAIN, "a computer account's password is set"),
	ROW("netlogon", 30, "password_set", PLAIN, "a computer account's password is set"),
	ROW("drsuapi", 3, "directory_copy", PLAIN, "the directory is replicated, password hashes included"),
	ROW("drsuapi", 5, "directory_change", PLAIN, "a source of replication is added"),
	ROW("drsuapi", 17, "directory_change", PLAIN, "an entry is added to the directory"),
	ROW("srvsvc", 14, "share_create", PLAIN, "a share is made"),
	ROW("srvsvc", 18, "share_delete", PLAIN, "a share is removed"),
	ROW("spoolss", 9, "driver_install", PLAIN, "a printer driver is installed, which runs as the system"),
	ROW("spoolss", 89, "driver_install", PLAIN, "a printer driver is installed, which runs as the system"),
	ROW("IRemoteWinspool", 39, "driver_install", PLAIN, "a printer driver is installed, which runs as the system"),
	ROW("spoolss", 62, "coerce", PLAIN, "the machine is made to sign in elsewhere"),
	ROW("spoolss", 65, "coerce", PLAIN, "the machine is made to sign in elsewhere"),
	ROW("efsrpc", 0, "coerce", PLAIN, "the machine is made to open a file elsewhere, and to sign in there"),
	ROW("efsrpc", 4, "coerce", PLAIN, "the machine is made to open a file elsewhere, and to sign in there"),
	ROW("efsrpc", 6, "coerce", PLAIN, "the machine is made to open a file elsewhere, and to sign in there"),
	ROW("netdfs", 12, "coerce", PLAIN, "the machine is made to sign in elsewhere"),
	ROW("netdfs", 13, "coerce", PLAIN, "the machine is made to sign in elsewhere"),
	ROW("FssagentRpc", 8, "coerce", PLAIN, "the machine is made to sign in elsewhere"),
	ROW("lsarpc", 42, "secret_store", PLAIN, "a secret is stored"),
	ROW("lsarpc", 43, "secret_read", PLAIN, "a secret is read"),
	ROW("BackupKey", 0, "secret_read", PLAIN, "the domain's backup key is used, which opens every user's secrets"),
};

const struct dcerpc_action *dcerpc_action_of(const struct dcerpc_interface *i, uint16_t opnum)
{
	for (uint32_t n = 0; n < sizeof actions / sizeof *actions; n++) {
		if (actions[n].opnum == opnum && strcmp(actions[n].interface, i->name) == 0)
			return &actions[n];
	}
	return NULL;
}

/* OPC Data Access 2.05: the interfaces of the plant among all those of the office. */
uint32_t dcerpc_op_of(const struct dcerpc_interface *i, uint16_t opnum)
{
	static const struct {
		const char *interface;
		uint16_t opnum;
		uint8_t op;
	} ops[] = {
		{ "IOPCSyncIO", 3, OTO_OP_READ },
		{ "IOPCSyncIO", 4, OTO_OP_WRITE },
		{ "IOPCAsyncIO", 3, OTO_OP_READ },
		{ "IOPCAsyncIO", 4, OTO_OP_WRITE },
		{ "IOPCAsyncIO2", 3, OTO_OP_READ },
		{ "IOPCAsyncIO2", 4, OTO_OP_WRITE },
		{ "IOPCDataCallback", 3, OTO_OP_CYCLIC },
		{ "IOPCServer", 3, OTO_OP_OTHER },
		{ "IOPCServer", 6, OTO_OP_DIAGNOSE },
		{ "IOPCItemMgt", 3, OTO_OP_OTHER },
		{ "IOPCBrowseServerAddressSpace", 5, OTO_OP_DISCOVER },
	};

	if (strncmp(i->name, "IOPC", 4) != 0)
		return OTO_OP_NONE;
	for (uint32_t n = 0; n < sizeof ops / sizeof *ops; n++) {
		if (ops[n].opnum == opnum && strcmp(ops[n].interface, i->name) == 0)
			return ops[n].op;
	}
	return OTO_OP_NONE;
}

/* ------------------------------------------------------------------------------------------------ arguments */

struct arguments {
	struct oto_ctx *cx;
	struct oto_cur c;
	bool little_endian;
};

static uint32_t number(struct arguments *a)
{
	oto_skip(&a->c, (4 - oto_tell(&a->c) % 4) % 4);
	return dcerpc_u32(&a->c, a->little_endian);
}

/* 14.3.4.2: a conformant and varying string of wide characters. */
static struct oto_slice string(struct arguments *a)
{
	number(a); /* room */
	number(a); /* offset */
	uint32_t characters = number(a);
	struct oto_slice wide = oto_take(&a->c, characters > UINT16_MAX ? UINT32_MAX : characters * 2);

	return a->c.bad ? (struct oto_slice){ 0 } : wide;
}

/* Behind a pointer that may be zero. */
static struct oto_slice pointed(struct arguments *a)
{
	return number(a) ? string(a) : (struct oto_slice){ 0 };
}

static struct oto_slice words(struct arguments *a, struct oto_slice wide)
{
	return wide.len ? wide_text(a->cx, wide) : (struct oto_slice){ 0 };
}

/* The program and its arguments in a task's definition: <Command> and <Arguments>. */
static struct oto_slice between(struct oto_slice text, const char *from, const char *to)
{
	for (; text.len; text = say_from(text, 1)) {
		text = say_from(text, say_find(text, '<'));
		if (!say_begins(text, from))
			continue;
		text = say_from(text, (uint32_t)strlen(from));
		uint32_t n = say_find(text, '<');
		return say_begins(say_from(text, n), to) ? say_first(text, n) : (struct oto_slice){ 0 };
	}
	return (struct oto_slice){ 0 };
}

static struct oto_slice task_command(struct arguments *a, struct oto_slice xml)
{
	struct oto_slice text = words(a, xml), command = between(text, "<Command>", "</Command>"),
			 rest = between(text, "<Arguments>", "</Arguments>");

	if (!rest.len)
		return command;
	return say_text(a->cx, command.len + rest.len + 1, "%.*s %.*s", (int)command.len, (const char *)command.data, (int)rest.len,
			(const char *)rest.data);
}

enum { HANDLE = 20 };

static void service_create(struct arguments *a, struct oto_slice *name, struct oto_slice *command)
{
	oto_skip(&a->c, HANDLE);
	struct oto_slice service = string(a);
	pointed(a); /* display name */
	for (int i = 0; i < 4; i++)
		number(a); /* access, type, start, error control */
	struct oto_slice path = string(a);
	*name = words(a, service);
	*command = words(a, path);
}

static void service_change(struct arguments *a, struct oto_slice *command)
{
	oto_skip(&a->c, HANDLE);
	for (int i = 0; i < 3; i++)
		number(a);
	*command = words(a, pointed(a));
}

/* MS-TSCH 3.2.5.2.1: time, days of month, days of week, flags, command. */
static void job_add(struct arguments *a, struct oto_slice *command)
{
	pointed(a); /* server */
	number(a);
	number(a);
	oto_skip(&a->c, 1 + 1);
	*command = words(a, pointed(a));
}

void dcerpc_action_words(struct oto_ctx *cx, const struct dcerpc_action *action, const struct dcerpc_message *m, struct oto_slice *name,
			 struct oto_slice *command)
{
	struct arguments a = { cx, oto_cur_of(m->stub), m->call.little_endian };

	switch ((enum form)action->form) {
	case SERVICE_CREATE:
		service_create(&a, name, command);
		break;
	case SERVICE_CHANGE:
		service_change(&a, command);
		break;
	case TASK_XML:
		*name = words(&a, pointed(&a));
		*command = task_command(&a, string(&a));
		break;
	case TASK_PATH:
		*name = words(&a, string(&a));
		break;
	case JOB_ADD:
		job_add(&a, command);
		break;
	default:
		break;
	}
	if (a.c.bad && !name->len)
		*command = (struct oto_slice){ 0 };
}
