/* cip_devices.c - classes of drives, gateways and scanners: what their own services do.
 *
 * Volume 1, chapters 5 and 6, for Control Supervisor, Modbus and Connection Configuration; volume 9 for Motion Device Axis; DPI is what
 * PowerFlex drives publish of their parameters (Rockwell 750COM-UM001, 20COMM-UM010, appendix C).
 */
#include "cip_objects.h"

enum { RUN_FORWARD = 3, RUN_BACKWARD = 4, FAULT_RESET = 12, DPI_COMMAND = 3, DPI_RESET_DEVICE = 3 };

/* A motor is started, stopped and acknowledged by attributes. */
static void motor_request(struct cip_talk *t)
{
	struct oto_cur c = t->data;
	uint8_t on = oto_u8(&c);

	if (t->service != CIP_SET_ATTRIBUTE_SINGLE || !t->path.has_attribute || c.bad)
		return;
	if (t->path.attribute_id == RUN_FORWARD || t->path.attribute_id == RUN_BACKWARD)
		t->op = on ? OTO_OP_START : OTO_OP_STOP;
	else if (t->path.attribute_id == FAULT_RESET && on)
		t->op = OTO_OP_CLEAR;
}
const struct cip_object cip_motor = { .class_id = 0x29, .request = motor_request };

static const struct oto_name axis_rows[] = {
	{ 0x4b, "Get Axis Attributes List", OTO_OP_READ, "chosen attributes of an axis" },
	{ 0x4c, "Set Axis Attributes List", OTO_OP_WRITE, "chosen attributes of an axis" },
	{ 0x4d, "Set Cyclic Write List", OTO_OP_CONFIGURE, "which attributes come with each cycle" },
	{ 0x4e, "Set Cyclic Read List", OTO_OP_CONFIGURE, "which attributes go with each cycle" },
	{ 0x4f, "Run Motor Test", OTO_OP_START, "the motor turns" },
	{ 0x50, "Get Motor Test Data", OTO_OP_READ, "what the test found" },
	{ 0x51, "Run Inertia Test", OTO_OP_START, "the motor turns" },
	{ 0x52, "Get Inertia Test Data", OTO_OP_READ, "what the test found" },
	{ 0x53, "Run Hookup Test", OTO_OP_START, "the motor turns" },
	{ 0x54, "Get Hookup Test Data", OTO_OP_READ, "what the test found" },
};
static const struct oto_names axis_services = OTO_NAMES(axis_rows);
const struct cip_object cip_axis = { .class_id = 0x42, .services = &axis_services };

static const struct oto_name modbus_rows[] = {
	{ 0x4b, "Read Discrete Inputs", OTO_OP_READ, "inputs of a Modbus device" },
	{ 0x4c, "Read Coils", OTO_OP_READ, "outputs of a Modbus device" },
	{ 0x4d, "Read Input Registers", OTO_OP_READ, "registers of a Modbus device" },
	{ 0x4e, "Read Holding Registers", OTO_OP_READ, "registers of a Modbus device" },
	{ 0x4f, "Write Coils", OTO_OP_WRITE, "outputs of a Modbus device" },
	{ 0x50, "Write Holding Registers", OTO_OP_WRITE, "registers of a Modbus device" },
	{ 0x51, "Modbus Passthrough", OTO_OP_OTHER, "any function of Modbus" },
};
static const struct oto_names modbus_services = OTO_NAMES(modbus_rows);
const struct cip_object cip_modbus = { .class_id = 0x44, .services = &modbus_services };

static const struct oto_name scanner_rows[] = {
	{ CIP_SET_ATTRIBUTES_ALL, "Set Attributes All", OTO_OP_CONFIGURE, "a connection of the scanner" },
	{ CIP_SET_ATTRIBUTE_SINGLE, "Set Attributes Single", OTO_OP_CONFIGURE, "a connection of the scanner" },
	{ 0x4b, "Kick Timer", OTO_OP_NONE, "goes on configuring" },
	{ 0x4c, "Open Connection", OTO_OP_CONFIGURE, "the scanner opens a connection" },
	{ 0x4d, "Close Connection", OTO_OP_CONFIGURE, "the scanner closes a connection" },
	{ 0x4e, "Stop Connection", OTO_OP_CONFIGURE, "the scanner stops a connection, or does not open it" },
	{ 0x4f, "Change Start", OTO_OP_CONFIGURE, "its connections are going to be configured" },
	{ 0x50, "Get Status", OTO_OP_DIAGNOSE, "states of its connections" },
	{ 0x51, "Change Complete", OTO_OP_CONFIGURE, "its connections come into force" },
	{ 0x52, "Audit Changes", OTO_OP_DIAGNOSE, "whether what was configured is what it holds" },
};
static const struct oto_names scanner_services = OTO_NAMES(scanner_rows);
const struct cip_object cip_scanner = { .class_id = 0xf3, .services = &scanner_services };

/* The numbers are 4b and 4c of older adapters, 4d and 4e of newer ones. */
static const struct oto_name dpi_parameter_rows[] = {
	{ CIP_SET_ATTRIBUTE_SINGLE, "Set Attributes Single", OTO_OP_WRITE, "a parameter of a drive" },
	{ 0x4b, "Get Attributes Scattered", OTO_OP_READ, "chosen parameters of a drive" },
	{ 0x4c, "Set Attributes Scattered", OTO_OP_WRITE, "chosen parameters of a drive" },
	{ 0x4d, "Get Attributes Scattered", OTO_OP_READ, "chosen parameters of a drive" },
	{ 0x4e, "Set Attributes Scattered", OTO_OP_WRITE, "chosen parameters of a drive" },
};
static const struct oto_names dpi_parameter_services = OTO_NAMES(dpi_parameter_rows);
const struct cip_object cip_dpi_parameter = { .class_id = 0x93, .services = &dpi_parameter_services };
const struct cip_object cip_host_dpi_parameter = { .class_id = 0x9f, .services = &dpi_parameter_services };

static const struct oto_name dpi_fault_rows[] = {
	{ CIP_SET_ATTRIBUTE_SINGLE, "Set Attributes Single", OTO_OP_CLEAR, "faults or alarms of a drive are cleared, or it restarts" },
};
static const struct oto_names dpi_fault_services = OTO_NAMES(dpi_fault_rows);

static void dpi_fault_request(struct cip_talk *t)
{
	struct oto_cur c = t->data;

	if (t->service == CIP_SET_ATTRIBUTE_SINGLE && t->path.attribute_id == DPI_COMMAND && oto_u8(&c) == DPI_RESET_DEVICE)
		t->op = OTO_OP_RESET;
}
const struct cip_object cip_dpi_fault = { .class_id = 0x97, .services = &dpi_fault_services, .request = dpi_fault_request };

static const struct oto_name dpi_time_rows[] = {
	{ CIP_SET_ATTRIBUTE_SINGLE, "Set Attributes Single", OTO_OP_TIME, "a drive's clock" },
};
static const struct oto_names dpi_time_services = OTO_NAMES(dpi_time_rows);
const struct cip_object cip_dpi_time = { .class_id = 0x9b, .services = &dpi_time_services };
