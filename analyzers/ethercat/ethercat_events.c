/* ethercat_events.c - the field tables of what is said, and the logs over them. Under profile zeek the logs have the sensor's names. */
#include "ethercat.h"

/* ------------------------------------------------------------------------------------------------ datagrams */

#define D(m, doc_, ...) OTO_FIELD(struct ecat_datagram, m, doc_, __VA_ARGS__)
#define D_IF(has) .guard = OTO_IF(struct ecat_datagram, has)
static const struct oto_field datagram_fields[] = {
	D(src_mac, "MAC address of the master; the first slave sets its second bit"),
	D(dst_mac, "where it is sent to: mostly a group"),
	D(returned, "it has gone through the slaves"),
	D(command, "what is to be done by whom", .names = &ecat_commands),
	D(index, "number that the master gave it", .flags = OTO_VARIES),
	D(slave_addr, "address as sent: a station address, or a position that counts on with each slave", D_IF(has_physical),
	  .flags = OTO_HEX | OTO_VARIES),
	D(station, "station address of the slave", D_IF(has_station)),
	D(position, "place of the slave, the first is 0", D_IF(has_position)),
	D(offset, "first byte in the slave's memory", D_IF(has_physical), .flags = OTO_HEX | OTO_WIDE),
	D(reg, "the register that this is"),
	D(logical, "first byte in the process image", D_IF(has_logical), .flags = OTO_HEX | OTO_WIDE),
	D(length, "bytes of data"),
	D(data, "data; of a read they are there when it comes back", .flags = OTO_HEX | OTO_VARIES),
	D(circulating, "it went round before: somewhere a line is open", .flags = OTO_VARIES),
	D(irq, "events of all slaves, combined", .flags = OTO_HEX | OTO_VARIES),
	D(wkc, "working counter: how many slaves took part"),
	D(al_state, "state that it says it has", .names = &ecat_states, D_IF(has_state)),
	D(al_error, "it tells of an error", D_IF(has_error)),
	D(al_status_code, "which error", .names = &ecat_al_codes, D_IF(has_code)),
};
static const struct oto_log datagram_logs[] = {
	{ .name = "ethercat",
	  .doc = "Datagrams of EtherCAT: which command to which slave and register or to which process data, with what success, how often.",
	  .columns =
	      "src_mac dst_mac returned command station position offset register=reg logical length wkc al_state al_error al_status_code "
	      "vlan",
	  .key =
	      "src_mac dst_mac returned command station position offset register=reg logical length wkc al_state al_error al_status_code "
	      "vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
	{ .name = "ecat_registers",
	  .doc = "Reads and writes of slaves.",
	  .where = "slave_addr >= 0",
	  .columns = "srcmac=src_mac dstmac=dst_mac Command=command Slave_Addr=slave_addr Register_Type=reg Register_Addr=offset data",
	  .form = OTO_FORM_OFF,
	  .flags = OTO_LOG_NO_ID },
	{ .name = "ecat_log_address",
	  .doc = "Reads and writes of the process image.",
	  .where = "logical >= 0",
	  .columns = "srcmac=src_mac dstmac=dst_mac Log_Addr=logical Length=length Command=command data",
	  .form = OTO_FORM_OFF,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type datagram_event = OTO_EVENT("ethercat.datagram", struct ecat_datagram, datagram_fields,
							      "A command of a master, on its way out or back.", OTO_LOGS(datagram_logs));

/* ------------------------------------------------------------------------------------------------ mailboxes */

#define M(m, doc_, ...) OTO_FIELD(struct ecat_mailbox, m, doc_, __VA_ARGS__)
#define M_IF(has) .guard = OTO_IF(struct ecat_mailbox, has)
static const struct oto_field mailbox_fields[] = {
	M(src_mac, "MAC address of the sender"),
	M(dst_mac, "where it is sent to"),
	M(to_slave, "it is for the slave, not from it"),
	M(station, "station address of the slave", M_IF(has_station)),
	M(position, "place of the slave, the first is 0", M_IF(has_position)),
	M(type, "protocol in the mailbox", .names = &ecat_mailbox_types),
	M(length, "bytes of the message"),
	M(address, "station address for whom or from whom, when it is passed on"),
	M(channel, "channel"),
	M(priority, "priority, 3 is the highest"),
	M(counter, "counts 1 to 7"),
	M(coe_number, "CoE: number of process data", M_IF(has_coe)),
	M(service, "CoE: service", .names = &ecat_coe_services, M_IF(has_coe)),
	M(sdo_command, "CoE: what is to be done with the object, as sent", M_IF(has_sdo), .flags = OTO_HEX),
	M(object, "CoE: object", M_IF(has_object), .flags = OTO_HEX | OTO_WIDE),
	M(subindex, "CoE: entry of the object", M_IF(has_object)),
	M(complete_access, "CoE: all entries at once"),
	M(expedited, "CoE: the value stands in the message"),
	M(sdo_size, "CoE: size of the value", M_IF(has_size)),
	M(info_opcode, "CoE: question about objects"),
	M(incomplete, "CoE, SoE: pieces of it still follow"),
	M(fragments_left, "CoE, SoE: messages that still follow", M_IF(has_fragments)),
	M(emergency_code, "CoE, SoE: fault", M_IF(has_emergency), .flags = OTO_HEX | OTO_WIDE),
	M(foe_opcode, "FoE: what is done"),
	M(packet, "FoE: number of the packet", M_IF(has_packet)),
	M(has_password, "FoE: a password was sent"),
	M(done, "FoE: how far a busy slave is", M_IF(has_busy)),
	M(entire, "FoE: of how much", M_IF(has_busy)),
	M(name, "name of the file, the object, error text or address"),
	M(soe_opcode, "SoE: what is done"),
	M(drive, "SoE: number of the drive", M_IF(has_soe)),
	M(elements, "SoE: parts of the identifier", M_IF(has_soe), .flags = OTO_HEX),
	M(idn, "SoE: identifier"),
	M(target_id, "AoE: network identifier of who is asked"),
	M(target_port, "AoE: its port", M_IF(has_aoe)),
	M(sender_id, "AoE: network identifier of who asks"),
	M(sender_port, "AoE: its port", M_IF(has_aoe)),
	M(number, "AoE: command", .names = &ecat_aoe_commands, M_IF(has_aoe)),
	M(state_flags, "AoE: request or response", M_IF(has_aoe), .flags = OTO_HEX | OTO_WIDE),
	M(invoke_id, "AoE: number of the request", M_IF(has_aoe)),
	M(eoe_type, "EoE: what is done"),
	M(frame_number, "EoE: number of the frame", M_IF(has_fragment)),
	M(fragment, "EoE: number of its piece", M_IF(has_fragment)),
	M(last, "nothing follows"),
	M(error_code, "error", M_IF(has_error), .flags = OTO_HEX),
	M(error, "its name"),
	M(data, "content", .flags = OTO_HEX | OTO_VARIES),
};
static const struct oto_log mailbox_logs[] = {
	{ .name = "ethercat_mailbox",
	  .doc = "Messages to and from the mailboxes of EtherCAT slaves.",
	  .columns =
	      "src_mac to_slave station position type service object subindex complete_access info_opcode emergency_code foe_opcode name "
	      "soe_opcode drive idn target_id target_port sender_id sender_port aoe_command=number eoe_type length error_code error "
	      "vlan",
	  .key =
	      "src_mac to_slave station position type service object subindex complete_access info_opcode emergency_code foe_opcode name "
	      "soe_opcode drive idn target_id target_port sender_id sender_port aoe_command=number eoe_type length error_code error vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
	{ .name = "ecat_coe_info",
	  .doc = "CANopen over EtherCAT.",
	  .where = "type == CoE",
	  .columns = "number=coe_number Type=service req_resp=sdo_command index=object subindex dataoffset=data",
	  .form = OTO_FORM_OFF,
	  .flags = OTO_LOG_NO_ID },
	{ .name = "ecat_foe_info",
	  .doc = "Files over EtherCAT.",
	  .where = "type == FoE",
	  .columns = "opCode=foe_opcode packet_num=packet error_code filename=name data",
	  .form = OTO_FORM_OFF,
	  .flags = OTO_LOG_NO_ID },
	{ .name = "ecat_soe_info",
	  .doc = "SERCOS over EtherCAT.",
	  .where = "type == SoE",
	  .columns = "opCode=soe_opcode incomplete error=error_code drive_num=drive element_flags=elements index=idn",
	  .form = OTO_FORM_OFF,
	  .flags = OTO_LOG_NO_ID },
	{ .name = "ecat_aoe_info",
	  .doc = "ADS over EtherCAT.",
	  .where = "type == AoE",
	  .columns =
	      "targetid=target_id targetport=target_port senderid=sender_id senderport=sender_port cmd=number stateflags=state_flags data",
	  .form = OTO_FORM_OFF,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type mailbox_event = OTO_EVENT("ethercat.mailbox", struct ecat_mailbox, mailbox_fields,
							     "A message to a slave's mailbox, or from it.", OTO_LOGS(mailbox_logs));

/* ------------------------------------------------------------------------------------------------ slaves */

#define V(m, doc_, ...) OTO_FIELD(struct ecat_device, m, doc_, __VA_ARGS__)
static const struct oto_field device_fields[] = {
	V(src_mac, "MAC address that the frame came back with"),
	V(station, "station address", .guard = OTO_IF(struct ecat_device, has_station)),
	V(position, "place, the first is 0", .guard = OTO_IF(struct ecat_device, has_position)),
	V(type, "type of its controller", .flags = OTO_HEX),
	V(revision, "revision of it", .flags = OTO_HEX),
	V(build, "build of it", .flags = OTO_HEX),
	V(fmmus, "units that map its memory into the process image"),
	V(sync_managers, "buffers that it can watch"),
	V(ram_size, "memory for process data in KiB"),
	V(ports, "kinds of its ports, two bits each", .flags = OTO_HEX),
	V(features, "what it can do", .flags = OTO_HEX | OTO_WIDE),
};
static const struct oto_log device_logs[] = {
	{ .name = "ethercat_device",
	  .doc = "Controllers of EtherCAT slaves.",
	  .columns = "src_mac station position type revision build fmmus sync_managers ram_size ports features vlan",
	  .key = "src_mac station position type revision build fmmus sync_managers ram_size ports features vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
	{ .name = "ecat_dev_info",
	  .doc = "Controllers of EtherCAT slaves.",
	  .columns = "slave_id=station revision dev_type=type build fmmucnt=fmmus smcount=sync_managers ports dpram=ram_size features",
	  .form = OTO_FORM_OFF,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type device_event =
    OTO_EVENT("ethercat.device", struct ecat_device, device_fields, "What a slave's controller says of itself.", OTO_LOGS(device_logs));

#define C(m, doc_, ...) OTO_FIELD(struct ecat_change, m, doc_, __VA_ARGS__)
#define C_IF(has) .guard = OTO_IF(struct ecat_change, has)
static const struct oto_field change_fields[] = {
	C(src_mac, "MAC address of the master"),
	C(what, "what is other than before", .names = &ecat_changes),
	C(station, "station address of the slave", C_IF(has_station)),
	C(position, "place of the slave, the first is 0", C_IF(has_position)),
	C(al_state, "state now", .names = &ecat_states, C_IF(has_state)),
	C(was_state, "state before", .names = &ecat_states, C_IF(has_was_state)),
	C(al_status_code, "error", .names = &ecat_al_codes, C_IF(has_code)),
	C(command, "command of the process data", .names = &ecat_commands, C_IF(has_wkc)),
	C(logical, "first byte of them in the process image", C_IF(has_wkc), .flags = OTO_HEX | OTO_WIDE),
	C(wkc, "working counter now", C_IF(has_wkc)),
	C(was_wkc, "working counter when all take part", C_IF(has_wkc)),
	C(other_mac, "MAC address of the other master", C_IF(has_other)),
};
static const struct oto_log change_logs[] = {
	{ .name = "ethercat_change",
	  .doc = "Slaves that change their state or no longer take part, a second master.",
	  .columns = "src_mac what station position al_state was_state al_status_code command logical wkc was_wkc other_mac vlan",
	  .key = "src_mac what station position al_state was_state al_status_code command logical wkc was_wkc other_mac vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type change_event =
    OTO_EVENT("ethercat.change", struct ecat_change, change_fields, "Something in a segment is other than before.", OTO_LOGS(change_logs));

/* ------------------------------------------------------------------------------------------------ network variables */

#define N(m, doc_, ...) OTO_FIELD(struct ecat_variable, m, doc_, __VA_ARGS__)
static const struct oto_field variable_fields[] = {
	N(src_mac, "MAC address of the sender"),
	N(dst_mac, "MAC address of the receiver, or a group"),
	N(publisher, "who publishes, as the frame says"),
	N(cycle, "counts the publisher's cycles", .flags = OTO_VARIES),
	N(id, "number of the variable"),
	N(hash, "digest of its type", .flags = OTO_HEX | OTO_WIDE),
	N(length, "bytes of its value"),
	N(quality, "0: good", .flags = OTO_HEX | OTO_WIDE),
	N(data, "its value", .flags = OTO_HEX | OTO_VARIES),
};
static const struct oto_log variable_logs[] = {
	{ .name = "ethercat_variable",
	  .doc = "Network variables that EtherCAT masters publish to one another.",
	  .columns = "src_mac dst_mac publisher id hash length quality vlan",
	  .key = "src_mac dst_mac publisher id hash length quality vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type variable_event =
    OTO_EVENT("ethercat.variable", struct ecat_variable, variable_fields, "A network variable, published.", OTO_LOGS(variable_logs));

const struct oto_event_type *const ecat_events[ECAT_EVENTS] = {
	[ECAT_DATAGRAM] = &datagram_event, [ECAT_MAILBOX] = &mailbox_event,   [ECAT_DEVICE] = &device_event,
	[ECAT_CHANGE] = &change_event,     [ECAT_VARIABLE] = &variable_event,
};
