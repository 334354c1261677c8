/* smb_tell.c - SMB's events, smb_files.log and smb_mapping.log with Zeek's columns, and what they reveal of hosts. */
#include "smb.h"

/* ------------------------------------------------------------------------------------------------ events */

struct command_event {
	struct oto_time ts;
	const char *version, *command;
	uint64_t message_id;
	uint32_t status;
	struct oto_interval rtt;
	bool has_rtt;
};
#define C(m, doc_, ...) OTO_FIELD(struct command_event, m, doc_, __VA_ARGS__)
static const struct oto_field command_fields[] = {
	C(ts, "of the request"),
	C(version, "SMB1 or SMB2, which is also that of SMB3"),
	C(command, "the command's name"),
	C(message_id, "by which request and response find each other"),
	C(status, "what came of it", .names = &smb_statuses, .flags = OTO_HEX | OTO_WIDE),
	C(rtt, "time to the response", .guard = OTO_IF(struct command_event, has_rtt)),
};
static const struct oto_event_type command_type =
    OTO_EVENT("smb.command", struct command_event, command_fields, "A command, told at its response.");

struct file_event {
	struct oto_time ts;
	const char *action, *version;
	struct oto_slice fuid, path, name, prev_name, share;
	uint64_t size;
	struct oto_time modified, accessed, created, changed;
	bool has_times, logged;
};
#define F(m, doc_, ...) OTO_FIELD(struct file_event, m, doc_, __VA_ARGS__)
#define F_TIMES .guard = OTO_IF(struct file_event, has_times)
static const struct oto_field file_fields[] = {
	F(ts, "when it was asked to be opened; of commands that name a file themselves, their time"),
	F(action, "what is done"),
	F(fuid, "none; Zeek's column"),
	F(path, "the share, where the protocol's version tells it along (as Zeek has it)"),
	F(name, "the file's name; of a renaming the new one"),
	F(prev_name, "its name before it was renamed"),
	F(size, "its size when it was opened"),
	F(modified, "last time its contents were written", F_TIMES),
	F(accessed, "last time it was opened", F_TIMES),
	F(created, "when it was made", F_TIMES),
	F(changed, "last time contents or attributes changed", F_TIMES),
	F(share, "the share it is on, when its connection was seen"),
	F(version, "SMB1 or SMB2"),
	F(logged, "a kind that Zeek logs, and not told within the last minutes"),
};
static const struct oto_log file_logs[] = {
	{ .name = "smb_files",
	  .doc = "Files opened, renamed and removed: Zeek's columns. Opened ones once in three minutes unless they changed.",
	  .columns = "fuid action path name size prev_name times.modified=modified times.accessed=accessed times.created=created "
		     "times.changed=changed",
	  .extra = "share",
	  .where = "logged",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type file_type =
    OTO_EVENT("smb.file", struct file_event, file_fields,
	      "A file or pipe is opened, read or written for the first time, renamed, removed, closed.", OTO_LOGS(file_logs));

struct tree_event {
	struct oto_time ts;
	struct oto_slice path, service, native_file_system;
	const char *share_type;
};
#define T(m, doc_) OTO_FIELD(struct tree_event, m, doc_)
static const struct oto_field tree_fields[] = {
	T(ts, "of the request"),
	T(path, "name of the share, as the client asks for it"),
	T(service, "what the server says it is (SMB1)"),
	T(native_file_system, "its file system (SMB1)"),
	T(share_type, "DISK, PIPE or PRINT"),
};
static const struct oto_log tree_logs[] = {
	{ .name = "smb_mapping",
	  .doc = "Shares that were connected: Zeek's columns.",
	  .columns = "path service native_file_system share_type",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type tree_type =
    OTO_EVENT("smb.tree", struct tree_event, tree_fields, "A share is connected.", OTO_LOGS(tree_logs));

struct negotiated_event {
	const char *version;
	struct oto_slice dialect, server_guid;
	bool signing_enabled, signing_required, plaintext_passwords;
};
#define G(m, doc_, ...) OTO_FIELD(struct negotiated_event, m, doc_, __VA_ARGS__)
static const struct oto_field negotiated_fields[] = {
	G(version, "SMB1 or SMB2"),
	G(dialect, "the dialect that the server chose"),
	G(signing_enabled, "messages may be signed"),
	G(signing_required, "messages must be signed"),
	G(plaintext_passwords, "passwords are sent in clear (SMB1)"),
	G(server_guid, "the server's identifier", .flags = OTO_HEX),
};
static const struct oto_event_type negotiated_type =
    OTO_EVENT("smb.negotiated", struct negotiated_event, negotiated_fields, "The server chooses a dialect.");

struct session_event {
	const char *version;
	uint64_t session;
	uint32_t status;
	bool guest, anonymous, encrypt, success;
};
#define S(m, doc_, ...) OTO_FIELD(struct session_event, m, doc_, __VA_ARGS__)
static const struct oto_field session_fields[] = {
	S(version, "SMB1 or SMB2"),
	S(session, "the session's number", .flags = OTO_HEX),
	S(status, "what came of it", .names = &smb_statuses, .flags = OTO_HEX | OTO_WIDE),
	S(success, "the user is signed in"),
	S(guest, "as a guest"),
	S(anonymous, "without a name"),
	S(encrypt, "everything from now on is encrypted"),
};
static const struct oto_log session_logs[] = {
	{ .name = "smb_session",
	  .doc = "Sign-ins and what came of them.",
	  .columns = "version session success status guest anonymous encrypt",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type session_type =
    OTO_EVENT("smb.session", struct session_event, session_fields, "Signing in ends, well or not.", OTO_LOGS(session_logs));

struct encrypted_event {
	uint64_t session;
};
static const struct oto_field encrypted_fields[] = {
	OTO_FIELD(struct encrypted_event, session, "the session's number", .flags = OTO_HEX),
};
static const struct oto_event_type encrypted_type = OTO_EVENT("smb.encrypted", struct encrypted_event, encrypted_fields,
							      "The first encrypted message of a direction: what follows cannot be read.");

struct netbios_event {
	struct oto_slice called, calling;
};
static const struct oto_field netbios_fields[] = {
	OTO_FIELD(struct netbios_event, called, "the server's name, as the client has it"),
	OTO_FIELD(struct netbios_event, calling, "the client's name"),
};
static const struct oto_event_type netbios_type =
    OTO_EVENT("smb.netbios_session", struct netbios_event, netbios_fields, "A NetBIOS session is asked for (RFC 1002 4.3.2).");

struct executable_event {
	struct oto_slice share, name;
	const char *kind;
};
static const struct oto_field executable_fields[] = {
	OTO_FIELD(struct executable_event, share, "where"),
	OTO_FIELD(struct executable_event, name, "the file's name"),
	OTO_FIELD(struct executable_event, kind, "windows (PE), elf, or name: its name alone says so"),
};
static const struct oto_log executable_logs[] = {
	{ .name = "smb_executable",
	  .doc = "Programs and scripts written to shares.",
	  .columns = "share name kind",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type executable_type = OTO_EVENT("smb.executable_written", struct executable_event, executable_fields,
							       "A program or script is written to a share.", OTO_LOGS(executable_logs));

enum { EV_COMMAND, EV_FILE, EV_TREE, EV_NEGOTIATED, EV_SESSION, EV_ENCRYPTED, EV_NETBIOS, EV_EXECUTABLE };
const struct oto_event_type *const smb_events[SMB_EVENTS] = { &command_type, &file_type,      &tree_type,    &negotiated_type,
							      &session_type, &encrypted_type, &netbios_type, &executable_type };

static const char *version_of(bool is_smb2)
{
	return is_smb2 ? "SMB2" : "SMB1";
}

/* ------------------------------------------------------------------------------------------------ files */

/* MS-DTYP 2.3.3: steps of 100 ns since 1601. */
struct oto_time smb_filetime(uint64_t ticks)
{
	const uint64_t epoch = UINT64_C(116444736000000000), reach = INT64_MAX / 100;

	if (ticks < epoch - reach || ticks > epoch + reach) /* what 64 bits of nanoseconds reach: 1677 to 2262 */
		return (struct oto_time){ 0 };
	return (struct oto_time){ ((int64_t)ticks - (int64_t)epoch) * 100 };
}

static const char *action_name(enum smb_action action, const struct smb_tree *t, bool is_smb2)
{
	static const char *const names[] = { "SMB::FILE_OPEN",   "SMB::FILE_READ",   "SMB::FILE_WRITE",        "SMB::FILE_CLOSE",
					     "SMB::FILE_DELETE", "SMB::FILE_RENAME", "SMB::FILE_SET_ATTRIBUTE" };
	static const char *const pipes[] = { "SMB::PIPE_OPEN", "SMB::PIPE_READ", "SMB::PIPE_WRITE", "SMB::PIPE_CLOSE" };
	static const char *const prints[] = { "SMB::PRINT_OPEN", "SMB::PRINT_READ", "SMB::PRINT_WRITE", "SMB::PRINT_CLOSE" };

	if (is_smb2 && t && action <= SMB_FILE_CLOSE && t->share == SMB_SHARE_PIPE)
		return pipes[action];
	if (is_smb2 && t && action <= SMB_FILE_CLOSE && t->share == SMB_SHARE_PRINT)
		return prints[action];
	return names[action];
}

static bool is_logged(enum smb_action action, const struct smb_tree *t, bool is_smb2)
{
	bool pipe = is_smb2 && t && t->share == SMB_SHARE_PIPE, print = is_smb2 && t && t->share == SMB_SHARE_PRINT;

	if (action == SMB_FILE_OPEN)
		return !pipe;
	return action == SMB_FILE_DELETE || action == SMB_FILE_RENAME || (action == SMB_FILE_CLOSE && print);
}

static uint64_t identity(const struct smb_file *f, const struct file_event *e)
{
	uint64_t key = oto_key_of(oto_key_of(0, oto_slice_of(e->action)), e->path);

	key = oto_key_of(key, (struct oto_slice){ f->name, f->len });
	key = oto_key_mix(key, f->size, (uint64_t)f->modified.ns);
	key = oto_key_mix(key, (uint64_t)f->accessed.ns, (uint64_t)f->created.ns);
	return oto_key_mix(key, (uint64_t)f->changed.ns, 0);
}

static struct oto_slice path_of(struct oto_ctx *cx, const struct smb_tree *t)
{
	return t ? say_copy(cx, (struct oto_slice){ t->path, t->len }) : (struct oto_slice){ 0 };
}

void smb_tell_file(struct oto_ctx *cx, const struct smb_file *f, const struct smb_tree *t, enum smb_action action, bool is_smb2,
		   struct oto_slice previous)
{
	if (!f->named || !oto_wanted(cx, EV_FILE))
		return;
	struct file_event e = {
		.ts = f->ts,
		.action = action_name(action, t, is_smb2),
		.version = version_of(is_smb2),
		.share = path_of(cx, t),
		.name = say_copy(cx, (struct oto_slice){ f->name, f->len }),
		.prev_name = previous,
		.size = f->size,
		.has_times = f->timed,
		.modified = f->modified,
		.accessed = f->accessed,
		.created = f->created,
		.changed = f->changed,
	};
	if (!f->len)
		e.name = oto_slice_of(is_smb2 ? "<share_root>" : "");
	if (is_smb2)
		e.path = e.share;
	e.logged = is_logged(action, t, is_smb2) && (!f->timed || smb_is_new(cx, identity(f, &e)));
	oto_emit(cx, EV_FILE, &e);
}

void smb_tell_path(struct oto_ctx *cx, const struct smb_tree *t, enum smb_action action, struct oto_slice name, struct oto_slice previous)
{
	struct file_event e = {
		.ts = cx->head->ts,
		.action = action_name(action, NULL, false),
		.version = version_of(false),
		.share = path_of(cx, t),
		.name = name,
		.prev_name = previous,
		.logged = true,
	};
	oto_emit(cx, EV_FILE, &e);
}

static bool ends_in(struct oto_slice s, const char *word)
{
	uint32_t n = (uint32_t)strlen(word);

	return s.len > n && say_begins(say_from(s, s.len - n), word);
}

static bool sounds_executable(struct oto_slice name)
{
	static const char *const ends[] = { ".exe", ".dll", ".sys", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".js",
					    ".hta", ".msi", ".com", ".cpl", ".ocx", ".jar", ".lnk", ".sct" };

	for (uint32_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (ends_in(name, ends[i]))
			return true;
	}
	return false;
}

void smb_tell_executable(struct oto_ctx *cx, const struct smb_file *f, const char *kind)
{
	struct oto_slice name = { f->name, f->len };

	if (!kind && sounds_executable(name))
		kind = "name";
	if (!kind || !oto_wanted(cx, EV_EXECUTABLE))
		return;
	struct executable_event e = { path_of(cx, smb_tree_at(cx, f->tree)), say_copy(cx, name), kind };
	oto_emit(cx, EV_EXECUTABLE, &e);
}

/* ------------------------------------------------------------------------------------------------ shares */

static struct oto_slice last_part(struct oto_slice path)
{
	for (uint32_t at; (at = say_find(path, '\\')) < path.len;)
		path = say_from(path, at + 1);
	return path;
}

/* A share ending in $ is there on every Windows; SYSVOL is on domain controllers alone. */
static void share_facts(struct oto_ctx *cx, struct oto_slice path, const char *share_type)
{
	struct smb_flow *f = cx->state;
	struct oto_slice share = last_part(path);
	bool hidden = share.len && share.data[share.len - 1] == '$', print = strcmp(share_type, "PRINT") == 0;

	if (!share.len || say_is(share, "IPC$"))
		return;
	say_fact(cx, "share", share, SAY_SURE);
	if (hidden || f->told_role)
		return;
	f->told_role = true;
	if (say_is(share, "SYSVOL") || say_is(share, "NETLOGON"))
		say_fact(cx, "role", oto_slice_of("domain controller"), SAY_STATED);
	else
		say_fact(cx, "role", oto_slice_of(print ? "print server" : "file server"), SAY_STATED);
}

void smb_tell_tree(struct oto_ctx *cx, const struct smb_tree *t, struct oto_time ts, struct oto_slice service, struct oto_slice filesystem,
		   const char *share_type)
{
	struct tree_event e = {
		.ts = ts,
		.path = path_of(cx, t),
		.service = service,
		.native_file_system = filesystem,
		.share_type = share_type,
	};

	share_facts(cx, e.path, share_type);
	oto_emit(cx, EV_TREE, &e);
}

/* ------------------------------------------------------------------------------------------------ the rest */

void smb_tell_command(struct oto_ctx *cx, const struct smb_message *m)
{
	if (!oto_wanted(cx, EV_COMMAND))
		return;
	const struct oto_name *name = oto_name_of(m->is_smb2 ? &smb2_commands : &smb1_commands, m->command);
	struct command_event e = {
		.ts = m->asked,
		.version = version_of(m->is_smb2),
		.command = name ? name->name : "UNKNOWN",
		.message_id = m->id,
		.status = m->status,
		.rtt = m->latency,
		.has_rtt = m->has_latency,
	};
	oto_emit(cx, EV_COMMAND, &e);
}

void smb_tell_negotiated(struct oto_ctx *cx, struct oto_slice dialect, uint8_t security_mode, bool is_smb2, struct oto_slice guid)
{
	if (!oto_wanted(cx, EV_NEGOTIATED))
		return;
	struct negotiated_event e = {
		.version = version_of(is_smb2),
		.dialect = dialect,
		.server_guid = guid,
		/* MS-SMB2 2.2.4, MS-CIFS 2.2.4.52.2 */
		.signing_enabled = security_mode & (is_smb2 ? 1 : 4),
		.signing_required = security_mode & (is_smb2 ? 2 : 8),
		.plaintext_passwords = !is_smb2 && !(security_mode & 2),
	};
	oto_emit(cx, EV_NEGOTIATED, &e);
}

void smb_tell_session(struct oto_ctx *cx, const struct smb_message *m, bool guest, bool anonymous, bool encrypt)
{
	struct session_event e = {
		.version = version_of(m->is_smb2),
		.session = m->session,
		.status = m->status,
		.success = m->status == SMB_OK,
		.guest = guest,
		.anonymous = anonymous,
		.encrypt = encrypt,
	};
	oto_emit(cx, EV_SESSION, &e);
}

void smb_tell_encrypted(struct oto_ctx *cx, uint64_t session)
{
	oto_emit(cx, EV_ENCRYPTED, &(struct encrypted_event){ session });
}

void smb_tell_netbios(struct oto_ctx *cx, struct oto_slice called, struct oto_slice calling)
{
	say_fact(cx, "hostname", calling, SAY_STATED);
	oto_emit(cx, EV_NETBIOS, &(struct netbios_event){ called, calling });
}

/* What SMB1 hosts call themselves. Samba says it were a Windows, so that its name counts and not its word; clients' words are made up by
 * many a tool. */
static const char *system_of(struct oto_slice os)
{
	static const struct {
		const char *word, *name;
	} systems[] = {
		{ "Windows 5.0", "Windows 2000" },
		{ "Windows 2000", "Windows 2000" },
		{ "Windows 5.1", "Windows XP" },
		{ "Windows 2002", "Windows XP" },
		{ "Windows Server 2003", "Windows Server 2003" },
		{ "Windows NT 4.0", "Windows NT 4.0" },
		{ "Windows NT 1381", "Windows NT 4.0" },
		{ "Windows Vista", "Windows Vista" },
		{ "Windows Server (R) 2008", "Windows Server 2008" },
		{ "Windows 7", "Windows 7" },
		{ "Windows Server 2008 R2", "Windows Server 2008 R2" },
		{ "Windows 8.1", "Windows 8.1" },
		{ "Windows 8", "Windows 8" },
		{ "Windows Server 2012 R2", "Windows Server 2012 R2" },
		{ "Windows Server 2012", "Windows Server 2012" },
		{ "Windows 10", "Windows 10" },
		{ "Windows Server 2016", "Windows Server 2016" },
		{ "Windows Server 2019", "Windows Server 2019" },
		{ "Unix", "Unix" },
		{ "Mac OS X", "macOS" },
		{ "VxWorks", "VxWorks" },
		{ "QNX", "QNX" },
	};

	for (uint32_t i = 0; i < sizeof systems / sizeof *systems; i++) {
		if (say_begins(os, systems[i].word))
			return systems[i].name;
	}
	return NULL;
}

void smb_tell_system(struct oto_ctx *cx, bool server, struct oto_slice os, struct oto_slice lan_manager, struct oto_slice domain)
{
	struct smb_flow *f = cx->state;
	bool samba = say_begins(lan_manager, "Samba");
	bool *told = server ? &f->told_server : &f->told_client;
	const char *name = system_of(os);

	if (*told)
		return;
	*told = true;
	if (samba)
		say_fact(cx, "software", lan_manager, SAY_STATED);
	else if (name)
		say_fact(cx, "os", oto_slice_of(name), server ? SAY_STATED : SAY_HINT);
	if (server && !samba && name)
		say_fact(cx, "os_version", os, SAY_STATED);
	if (server)
		say_fact(cx, "domain", domain, SAY_STATED);
}
