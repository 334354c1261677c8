/* cip_objects.c - which object teaches which class.
 *
 * Also the class that is nothing but a carrier: PCCC, an analyzer of its own. Its services are of Rockwell's "Communicating with RA
 * Products Using EtherNet/IP Explicit Messaging".
 */
#include "cip_connection.h"
#include "cip_objects.h"

static const struct oto_name pccc_rows[] = {
	{ 0x4b, "Execute PCCC", OTO_OP_NONE, "carries a PCCC command, which speaks for itself" },
	{ 0x4c, "Execute DH+", OTO_OP_NONE, "carries a PCCC command over a DH+ network" },
	{ 0x4d, "Execute Local PCCC", OTO_OP_NONE, "carries a PCCC command" },
};
static const struct oto_names pccc_services = OTO_NAMES(pccc_rows);
const struct cip_object cip_pccc = { .class_id = CIP_CLASS_PCCC, .services = &pccc_services, .carries = true };

static const struct cip_object *const by_class[0x100] = {
	[CIP_CLASS_IDENTITY] = &cip_identity,
	[0x04] = &cip_assembly,
	[0x05] = &cip_connection_object,
	[CIP_CLASS_CONNECTION_MANAGER] = &cip_connection_manager,
	[0x0f] = &cip_parameter,
	[0x29] = &cip_motor,
	[0x37] = &cip_file,
	[0x39] = &cip_safety_supervisor,
	[0x3a] = &cip_safety_validator,
	[0x42] = &cip_axis,
	[0x43] = &cip_time_sync,
	[0x44] = &cip_modbus,
	[0x47] = &cip_ring,
	[0x48] = &cip_qos,
	[0x5d] = &cip_security,
	[0x5e] = &cip_ethernet_security,
	[0x5f] = &cip_certificate,
	[0x61] = &cip_password,
	[0x64] = &cip_program_name,
	[CIP_CLASS_PCCC] = &cip_pccc,
	[0x68] = &cip_program,
	[0x69] = &cip_logic,
	[0x6a] = &cip_backing,
	[CIP_CLASS_SYMBOL] = &cip_symbol,
	[CIP_CLASS_TEMPLATE] = &cip_template,
	[0x6d] = &cip_logic,
	[0x6e] = &cip_logic,
	[0x6f] = &cip_logic,
	[0x70] = &cip_logic,
	[0x72] = &cip_watch,
	[0x74] = &cip_semaphore,
	[0x8b] = &cip_wall_clock,
	[0x8e] = &cip_controller,
	[0x93] = &cip_dpi_parameter,
	[0x97] = &cip_dpi_fault,
	[0x98] = &cip_dpi_fault,
	[0x9b] = &cip_dpi_time,
	[0x9f] = &cip_host_dpi_parameter,
	[0xa1] = &cip_storage,
	[0xac] = &cip_changes,
	[0xb2] = &cip_watch,
	[0xf3] = &cip_scanner,
	[0xf4] = &cip_port,
	[0xf5] = &cip_tcp_ip,
	[0xf6] = &cip_ethernet_link,
};

const struct cip_object *cip_object_of(uint32_t class_id)
{
	if (class_id == CIP_CLASS_TAG)
		return &cip_tag;
	return class_id < sizeof by_class / sizeof *by_class ? by_class[class_id] : NULL;
}
