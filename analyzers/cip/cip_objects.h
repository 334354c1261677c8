/* cip_objects.h - the object classes that know more than the common services, by the file that teaches them. */
#ifndef OTO_ANALYZERS_CIP_OBJECTS_H
#define OTO_ANALYZERS_CIP_OBJECTS_H

#include "cip.h"

/* cip_attributes.c: objects that are a set of attributes */
extern const struct cip_object cip_identity, cip_assembly, cip_connection_object, cip_parameter, cip_safety_supervisor,
    cip_safety_validator, cip_ring, cip_qos, cip_program_name, cip_port, cip_tcp_ip, cip_ethernet_link, cip_security, cip_ethernet_security,
    cip_certificate, cip_password;

/* cip_clock.c: clocks */
extern const struct cip_object cip_time_sync, cip_wall_clock;

/* cip_devices.c: objects of drives, gateways and scanners */
extern const struct cip_object cip_motor, cip_axis, cip_modbus, cip_scanner, cip_dpi_parameter, cip_host_dpi_parameter, cip_dpi_fault,
    cip_dpi_time;

/* cip_tags.c: symbols, their types and values */
extern const struct cip_object cip_tag, cip_symbol, cip_template;

/* cip_transfer.c: files, firmware and the programs of Logix controllers */
extern const struct cip_object cip_file, cip_storage, cip_controller, cip_semaphore, cip_program, cip_logic, cip_backing, cip_watch,
    cip_changes;

/* Symbols and templates are part of a program, too: made, changed and deleted when one is loaded. */
void cip_program_part(struct cip_talk *t);

/* m->name is what the controller calls its program: transfers that follow on this flow are of it. */
void cip_program_named(struct cip_talk *t);

/* Bytes of the flow are lost: what is under way cannot be whole any more. And: the flow ends. */
void cip_transfer_gap(struct oto_ctx *cx);
void cip_transfer_closing(struct oto_ctx *cx);

/* cip_objects.c */
extern const struct cip_object cip_pccc;

static inline bool cip_succeeded(const struct cip_talk *t)
{
	return t->status == 0 || t->status == 6; /* success, and partial transfer */
}

static inline void cip_show_name(struct cip_talk *t, struct oto_slice name)
{
	t->m->name = name;
	t->m->has_name = name.len != 0;
}

#endif
