/* fins_events.c - the field tables of what is said, the logs over them, and the rows that a list in a response makes. */
#include "fins.h"

/* ------------------------------------------------------------------------------------------------ a message */

#define F(m, doc, ...) OTO_FIELD(struct fins_message, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct fins_message, has)
static const struct oto_field message_fields[] = {
	F(icf_data_type, "command or response"),
	F(icf_gateway, "use or dont_use: may relays pass it on?"),
	F(icf_response_setting, "required or not_required"),
	F(response_required, "the sender of the command wants a response"),
	F(gateway_count, "relays that are still allowed"),
	F(destination_network_address, "0 is the local network", .flags = OTO_HEX),
	F(destination_node_number, "0 is the addressed device itself, 255 all nodes", .flags = OTO_HEX),
	F(destination_unit_address, "0 is the CPU unit", .flags = OTO_HEX),
	F(destination_unit, "what unit that is"),
	F(source_network_address, "0 is the local network", .flags = OTO_HEX),
	F(source_node_number, "node of the sender", .flags = OTO_HEX),
	F(source_unit_address, "0 is the CPU unit", .flags = OTO_HEX),
	F(source_unit, "what unit that is"),
	F(service_id, "copied into the response", .flags = OTO_HEX),
	F(command_code, "main and sub request code", .names = &fins_commands),
	F(response_code, "main and sub response code without flags", .names = &fins_end_codes, IF(is_response)),
	F(relay_error, "the error arose in a relay", IF(is_response)),
	F(fatal_cpu_error, "the CPU unit has an error that stops it", IF(is_response)),
	F(non_fatal_cpu_error, "the CPU unit has an error that does not stop it", IF(is_response)),
	F(latency, "time since the command", IF(matched)),
	F(tcp_length, "length of the FINS/TCP frame behind the length", IF(has_tcp)),
	F(tcp_command, "FINS/TCP command", .names = &fins_tcp_commands, IF(has_tcp)),
	F(tcp_error_code, "FINS/TCP error code", .names = &fins_tcp_errors, IF(has_tcp)),
	F(memory_area_code, "memory area; in a response that of its command", .names = &fins_areas, IF(has_area)),
	F(beginning_address, "first word", IF(has_address)),
	F(bit, "bit of that word", IF(has_bit)),
	F(address, "both as they stand", .flags = OTO_HEX, IF(has_bit)),
	F(number_of_items, "words, bits or areas", IF(has_items)),
	F(items, "areas of a multiple read or of forced bits; in a response with their values"),
	F(values, "values written or read", IF(has_values)),
	F(to_memory_area_code, "memory area that a transfer writes", .names = &fins_areas, IF(has_to)),
	F(to_address, "first word that a transfer writes", IF(has_to)),
	F(to_bit, "bit of that word", IF(has_to)),
	F(parameter_area_code, "parameter area", .names = &fins_parameters, IF(has_parameter_area)),
	F(beginning_word, "first word of the parameter area or table", IF(has_words)),
	F(number_of_words, "words of it", IF(has_words)),
	F(last_word_bit, "they are the last", IF(has_words)),
	F(intelligent_id, "of a data link table: SN", .flags = OTO_HEX, IF(has_link)),
	F(num_of_link_nodes, "nodes of a data link table", IF(has_links)),
	F(program_no, "program number, 65535 for all", IF(has_program)),
	F(word_offset, "first byte of the program area", IF(has_offset)),
	F(last_word, "last byte that is protected", IF(has_last_word)),
	F(password_length, "length of the password that was sent", IF(has_password)),
	F(number_of_bytes, "bytes of the program area", IF(has_bytes)),
	F(last_data, "these are the last of the program or file"),
	F(parameter, "of protect, clear, controller data read, cycle time read; unit of connection data read", IF(has_parameter)),
	F(parameter_code, "of file commands: the way of a transfer, how to write", IF(has_parameter_code)),
	F(run_mode, "operating mode, asked for or told", .names = &fins_modes, IF(has_mode)),
	F(controller_model, "model of the CPU unit", IF(has_identity)),
	F(controller_version, "its version", IF(has_identity)),
	F(program_area_size, "of the program area, in K words", IF(has_identity)),
	F(iom_size, "of bits and words, in Kbytes", IF(has_identity)),
	F(no_of_dm_words, "words of DM", IF(has_identity)),
	F(timer_size, "timers and counters in K", IF(has_identity)),
	F(expansion_dm_size, "banks of EM", IF(has_identity)),
	F(no_of_steps_transitions, "steps and transitions", IF(has_identity)),
	F(kind_of_memory_card, "0 none", IF(has_identity)),
	F(memory_card_size, "in Kbytes", IF(has_identity)),
	F(cpu_bus_unit_config, "what stands in the sixteen places of the CPU bus", IF(has_bus_units)),
	F(no_of_units, "units asked for or told", IF(has_units_read)),
	F(units, "unit addresses and their models", IF(has_unit_list)),
	F(status, "does the CPU unit execute its program?", .names = &fins_statuses, IF(has_status)),
	F(fatal_error, "fatal errors by name", IF(has_status)),
	F(non_fatal_error, "non-fatal errors by name", IF(has_status)),
	F(fatal_flags, "fatal error flags", .flags = OTO_HEX | OTO_WIDE, IF(has_status)),
	F(non_fatal_flags, "non-fatal error flags", .flags = OTO_HEX | OTO_WIDE, IF(has_status)),
	F(message_flags, "which messages there are", .flags = OTO_HEX | OTO_WIDE, IF(has_message)),
	F(message_command, "0 read, 1 clear, 2 read FAL", IF(has_message)),
	F(messages, "messages of the program", IF(has_messages)),
	F(fal_fals_no, "error number set by the program, or cleared: 65535 all, 65534 the present one", IF(has_fal)),
	F(error_message, "error text set by the program"),
	F(average_cycle_time, "in units of 0.1 ms", IF(has_times)),
	F(max_cycle_time, "in units of 0.1 ms", IF(has_times)),
	F(min_cycle_time, "in units of 0.1 ms", IF(has_times)),
	F(clock, "the controller's clock, read or set, taken as UTC", IF(has_clock)),
	F(acquire_network_address, "network of who holds the access right", IF(has_holder)),
	F(acquire_node_number, "its node", IF(has_holder)),
	F(acquire_unit_address, "its unit", IF(has_holder)),
	F(first_record, "first record or file that is read", IF(has_record)),
	F(count, "records, files, receptions, or words transferred", IF(has_count)),
	F(max_records, "records that the log can hold", IF(has_records)),
	F(stored_records, "records that it holds", IF(has_records)),
	F(disk_no, "0x8000 the memory card, 0x8001 file memory", .flags = OTO_HEX | OTO_WIDE, IF(has_disk)),
	F(file_name, "name of a file, directory or volume"),
	F(new_disk_no, "where a copy goes", .flags = OTO_HEX | OTO_WIDE, IF(has_new_disk)),
	F(new_file_name, "its new name, or the copy's"),
	F(files, "names of several files", IF(has_files)),
	F(directory, "directory path"),
	F(label, "name that is set or read"),
	F(file_position, "first byte of the file", IF(has_position)),
	F(data_length, "bytes of it", IF(has_length)),
	F(file_capacity, "size of a file or program", IF(has_capacity)),
	F(data, "content, and everything else", .flags = OTO_HEX, IF(has_data)),
};

/* What the sensor calls its columns; then ours. Without the ports of a client, so that a poll of many sockets stays one row. */
#define ROUTE                                                                                                                              \
	"data_type=icf_data_type destination_network_address destination_node_number destination_unit_address=destination_unit "           \
	"source_network_address source_node_number source_unit_address=source_unit "
static const struct oto_log message_logs[] = {
	{ .name = "omron_fins",
	  .doc = "Omron FINS commands and responses.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NOT_SENSOR,
	  .columns =
	      "icf_data_type gateway_count destination_network_address destination_node_number destination_unit_address "
	      "source_network_address source_node_number source_unit_address service_id command_code response_code memory_area_code "
	      "beginning_address bit number_of_items items parameter_area_code program_no run_mode controller_model controller_version "
	      "clock file_name",
	  .extra = "latency values data",
	  .key =
	      "orig_h resp_h resp_p is_orig icf_data_type destination_network_address destination_node_number destination_unit_address "
	      "command_code response_code memory_area_code beginning_address bit number_of_items parameter_area_code program_no run_mode "
	      "controller_model controller_version file_name" },
	{ .name = "omron_fins",
	  .doc = "Omron FINS commands and responses.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_ONLY_SENSOR,
	  .columns = "command_code",
	  .key = "uid id.orig_h=orig_h id.orig_p=orig_p id.resp_h=resp_h id.resp_p=resp_p proto=transport " ROUTE
		 "command_type=command_code" },
	{ .name = "omron_fins_general",
	  .doc = "The headers of Omron FINS messages.",
	  .form = OTO_FORM_OFF,
	  .columns = "proto=transport tcp_length tcp_command tcp_error_code icf_gateway icf_data_type icf_response_setting gateway_count "
		     "destination_network_address destination_node_number destination_unit_address source_network_address "
		     "source_node_number source_unit_address service_id command_code response_code" },
	{ .name = "omron_fins_detail",
	  .doc = "What Omron FINS messages say.",
	  .form = OTO_FORM_OFF,
	  .where = "command_code < 0x2101 or command_code > 0x2211",
	  .columns =
	      "command_code icf_data_type memory_area_code beginning_address=address number_of_items parameter_area_code "
	      "beginning_word number_of_words last_word_bit response_code data clock_time=clock num_of_link_nodes program_no last_word "
	      "number_of_bytes run_mode controller_model controller_version program_area_size iom_size no_of_dm_words timer_size "
	      "expansion_dm_size no_of_steps_transitions kind_of_memory_card memory_card_size cpu_bus_unit_config no_of_units units "
	      "controller_status_data_read_status=status fatal_error non_fatal_error fal_fals_no error_message average_cycle_time "
	      "max_cycle_time min_cycle_time number_of_receptions=count acquire_network_address acquire_node_number "
	      "acquire_unit_address items" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("fins.message", struct fins_message, message_fields, "One FINS command or response.", OTO_LOGS(message_logs));

/* ------------------------------------------------------------------------------------------------ FINS/TCP */

#define T(m, doc, ...) OTO_FIELD(struct fins_tcp, m, doc, __VA_ARGS__)
static const struct oto_field tcp_fields[] = {
	T(command, "FINS/TCP command", .names = &fins_tcp_commands),
	T(error, "FINS/TCP error code", .names = &fins_tcp_errors),
	T(client_node, "node address of the client; 0 asks for one", .guard = OTO_IF(struct fins_tcp, has_client)),
	T(server_node, "node address of the server", .guard = OTO_IF(struct fins_tcp, has_server)),
};
static const struct oto_event_type tcp_type =
    OTO_EVENT("fins.tcp", struct fins_tcp, tcp_fields, "A FINS/TCP header that carries no FINS message: node addresses, errors.");

/* ------------------------------------------------------------------------------------------------ rows of lists */

struct fins_file {
	const char *icf_data_type;
	uint16_t command_code, response_code, disk_no, parameter_code, no_of_files;
	uint32_t file_capacity, total_capacity, unused_capacity, file_position, data_length;
	struct oto_slice volume_label, file_name, new_file_name;
	struct oto_time changed;
	bool is_response, last_file, has_disk, has_parameter_code, has_files, has_capacity, has_volume, has_position, has_length,
	    has_changed;
};
#define L(m, doc, ...) OTO_FIELD(struct fins_file, m, doc, __VA_ARGS__)
#define IF_FILE(has) .guard = OTO_IF(struct fins_file, has)
static const struct oto_field file_fields[] = {
	L(command_code, "main and sub request code", .names = &fins_commands),
	L(icf_data_type, "command or response"),
	L(response_code, "end code", .names = &fins_end_codes, IF_FILE(is_response)),
	L(disk_no, "0x8000 the memory card, 0x8001 file memory", .flags = OTO_HEX | OTO_WIDE, IF_FILE(has_disk)),
	L(volume_label, "name of the volume that is listed"),
	L(no_of_files, "files of it, or of a command", IF_FILE(has_files)),
	L(total_capacity, "bytes of the volume", IF_FILE(has_volume)),
	L(unused_capacity, "bytes of it that are free", IF_FILE(has_volume)),
	L(file_name, "name of the file"),
	L(new_file_name, "its new name, or the copy's"),
	L(file_capacity, "size of the file", IF_FILE(has_capacity)),
	L(changed, "when it was changed last, the controller's clock taken as UTC", IF_FILE(has_changed)),
	L(file_position, "first byte read or written", IF_FILE(has_position)),
	L(data_length, "bytes read or written", IF_FILE(has_length)),
	L(last_file, "these are the last bytes, or the last file"),
	L(parameter_code, "the way of a transfer, how to write", IF_FILE(has_parameter_code)),
};
static const struct oto_log file_logs[] = {
	{ .name = "omron_fins_file",
	  .doc = "Omron FINS commands on files, and the files that listings name.",
	  .form = OTO_FORM_OFF,
	  .columns = "command_code icf_data_type response_code disk_no no_of_files volume_label total_capacity unused_capacity last_file "
		     "file_name file_capacity file_position data_length parameter_code new_file_name changed" },
};
static const struct oto_event_type file_type = OTO_EVENT("fins.file", struct fins_file, file_fields,
							 "A command on a file, its response, or a file of a listing.", OTO_LOGS(file_logs));

struct fins_record {
	const char *kind;
	uint16_t error_code_1, error_code_2, command_code;
	uint8_t network, node, unit;
	struct oto_time time;
	bool is_error, is_write, has_time;
};
#define R(m, doc, ...) OTO_FIELD(struct fins_record, m, doc, __VA_ARGS__)
static const struct oto_field record_fields[] = {
	R(kind, "error or write"),
	R(error_code_1, "the error", .flags = OTO_HEX | OTO_WIDE, .guard = OTO_IF(struct fins_record, is_error)),
	R(error_code_2, "its detail", .flags = OTO_HEX | OTO_WIDE, .guard = OTO_IF(struct fins_record, is_error)),
	R(network, "network of who wrote", .guard = OTO_IF(struct fins_record, is_write)),
	R(node, "its node", .guard = OTO_IF(struct fins_record, is_write)),
	R(unit, "its unit", .guard = OTO_IF(struct fins_record, is_write)),
	R(command_code, "what it commanded", .names = &fins_commands, .guard = OTO_IF(struct fins_record, is_write)),
	R(time, "when, the controller's clock taken as UTC", .guard = OTO_IF(struct fins_record, has_time)),
};
static const struct oto_log record_logs[] = {
	{ .name = "omron_fins_error",
	  .doc = "Records of a controller's error log and of its log of writes, as somebody read them.",
	  .form = OTO_FORM_OFF,
	  .columns = "kind error_code_1 error_code_2 network node unit command_code time" },
};
static const struct oto_event_type record_type =
    OTO_EVENT("fins.record", struct fins_record, record_fields,
	      "A record of a controller's error log, or of its log of who wrote, as somebody read it.", OTO_LOGS(record_logs));

struct fins_node {
	uint8_t node_number;
	bool in_network, exit_error, no_polling;
};
#define N(m, doc, ...) OTO_FIELD(struct fins_node, m, doc, __VA_ARGS__)
static const struct oto_field node_fields[] = {
	N(node_number, "number of the node"),
	N(in_network, "it takes part in the network"),
	N(exit_error, "it left with an error"),
	N(no_polling, "it does not answer polls"),
};
static const struct oto_log node_logs[] = {
	{ .name = "omron_fins_network_status_read",
	  .doc = "Nodes of a controller network, as somebody read its status.",
	  .form = OTO_FORM_OFF,
	  .columns = "node_number in_network exit_status=exit_error polling=no_polling" },
};
static const struct oto_event_type node_type =
    OTO_EVENT("fins.node", struct fins_node, node_fields,
	      "A node of a SYSMAC LINK or Controller Link network, as somebody read its status.", OTO_LOGS(node_logs));

const struct oto_event_type *const fins_events[FINS_EVENTS] = { &message_type, &tcp_type, &file_type, &record_type, &node_type };

/* MS-DOS's packed date and time (W342 5-2-5). */
static bool packed_time(struct oto_cur *c, struct oto_time *out)
{
	uint32_t n = oto_be32(c);
	struct fins_date d = { 1980 + (n >> 25), n >> 21 & 15, n >> 16 & 31, n >> 11 & 31, n >> 5 & 63, 2 * (n & 31) };

	return !c->bad && fins_time(&d, out);
}

static struct fins_file file_of(const struct fins_message *m)
{
	return (struct fins_file){ .icf_data_type = m->icf_data_type,
				   .command_code = m->command_code,
				   .response_code = m->response_code,
				   .is_response = m->is_response,
				   .disk_no = m->disk_no,
				   .has_disk = m->has_disk };
}

void fins_tell_file(struct fins_parse *p)
{
	const struct fins_message *m = p->m;
	struct fins_file f = file_of(m);

	if (!oto_wanted(p->cx, FINS_FILE))
		return;
	f.file_name = m->file_name;
	f.new_file_name = m->new_file_name;
	f.parameter_code = m->parameter_code;
	f.has_parameter_code = m->has_parameter_code;
	f.no_of_files = m->count;
	f.has_files = m->has_count;
	f.file_capacity = m->file_capacity;
	f.has_capacity = m->has_capacity;
	f.file_position = m->file_position;
	f.has_position = m->has_position;
	f.data_length = m->data_length;
	f.has_length = m->has_length;
	f.last_file = m->last_data;
	oto_emit(p->cx, FINS_FILE, &f);
}

/* W342 5-3-32: the volume, then its files. */
void fins_tell_files(struct fins_parse *p)
{
	enum { FILE_ROW = 20 };
	struct fins_message *m = p->m;
	struct oto_cur *c = &p->c;
	struct fins_file volume = file_of(m);

	volume.volume_label = fins_trim(oto_take(c, FINS_NAME));
	volume.has_changed = packed_time(c, &volume.changed);
	volume.total_capacity = oto_be32(c);
	volume.unused_capacity = oto_be32(c);
	volume.no_of_files = oto_be16(c);
	uint16_t read = oto_be16(c);
	if (c->bad)
		return;
	volume.last_file = read & 0x8000;
	volume.has_volume = volume.has_files = true;
	m->count = read & 0x7fff;
	m->has_count = true;
	m->label = volume.volume_label;
	oto_emit(p->cx, FINS_FILE, &volume);
	while (oto_left(c) >= FILE_ROW) {
		struct fins_file f = file_of(m);
		f.file_name = fins_take_name(p);
		f.has_changed = packed_time(c, &f.changed);
		f.file_capacity = oto_be32(c);
		f.has_capacity = true;
		oto_emit(p->cx, FINS_FILE, &f);
	}
}

/* Minute and second, day and hour, year and month (W342 5-3-25). */
static bool record_time(struct oto_cur *c, struct oto_time *out)
{
	struct fins_date d = { .minute = fins_bcd(oto_u8(c)) };

	d.second = fins_bcd(oto_u8(c));
	d.day = fins_bcd(oto_u8(c));
	d.hour = fins_bcd(oto_u8(c));
	d.year = fins_year(oto_u8(c));
	d.month = fins_bcd(oto_u8(c));
	return !c->bad && d.year && fins_time(&d, out);
}

static void take_records(struct fins_parse *p)
{
	struct fins_message *m = p->m;

	m->max_records = oto_be16(&p->c);
	m->stored_records = oto_be16(&p->c);
	m->count = oto_be16(&p->c);
	m->has_records = m->has_count = !p->c.bad;
}

void fins_tell_errors(struct fins_parse *p)
{
	enum { RECORD = 10 };

	take_records(p);
	while (oto_left(&p->c) >= RECORD) {
		struct fins_record r = { .kind = "error", .is_error = true };
		r.error_code_1 = oto_be16(&p->c);
		r.error_code_2 = oto_be16(&p->c);
		r.has_time = record_time(&p->c, &r.time);
		oto_emit(p->cx, FINS_RECORD, &r);
	}
}

void fins_tell_writes(struct fins_parse *p)
{
	enum { RECORD = 12 };

	take_records(p);
	while (oto_left(&p->c) >= RECORD) {
		struct fins_record r = { .kind = "write", .is_write = true };
		r.network = oto_u8(&p->c);
		r.node = oto_u8(&p->c);
		r.unit = oto_u8(&p->c);
		oto_skip(&p->c, 1);
		r.command_code = oto_be16(&p->c);
		r.has_time = record_time(&p->c, &r.time);
		oto_emit(p->cx, FINS_RECORD, &r);
	}
}

/* W227 5-2-21: half a byte a node, from node 1 on, the lower half first. What follows, the polling unit and the nodes' error counters,
 * stays in `data`. */
void fins_tell_nodes(struct fins_parse *p)
{
	enum { NODES = 62 };
	struct oto_slice halves = oto_take(&p->c, NODES / 2);

	for (uint32_t i = 0; i < 2 * halves.len; i++) {
		uint8_t half = (uint8_t)(halves.data[i / 2] >> (i & 1 ? 4 : 0));
		struct fins_node n = { (uint8_t)(i + 1), half & 1, half >> 1 & 1, half >> 3 & 1 };
		if (half & 15)
			oto_emit(p->cx, FINS_NODE, &n);
	}
	p->m->data = oto_rest(&p->c);
	p->m->has_data = p->m->data.len != 0;
}
