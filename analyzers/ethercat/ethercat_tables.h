/* ethercat_tables.h - what the numbers of EtherCAT mean. Clauses of IEC 61158-4-12 (data link layer, ETG.1000.4) and IEC 61158-6-12
 * (application layer, ETG.1000.6), ETG.1020. */
#ifndef OTO_ETHERCAT_TABLES_H
#define OTO_ETHERCAT_TABLES_H

#include "oto_plugin.h"

enum ecat_command { NOP, APRD, APWR, APRW, FPRD, FPWR, FPRW, BRD, BWR, BRW, LRD, LWR, LRW, ARMW, FRMW, ECAT_COMMANDS };
enum ecat_state { STATE_INIT = 1, STATE_PREOP = 2, STATE_BOOT = 3, STATE_SAFEOP = 4, STATE_OP = 8 };
enum ecat_mailbox_type { MAILBOX_ERROR, AOE, EOE, COE, FOE, SOE, VOE = 15 };
enum ecat_coe_service { COE_EMERGENCY = 1, COE_SDO_REQUEST, COE_SDO_RESPONSE, COE_INFORMATION = 8 };
enum ecat_foe_opcode { FOE_READ = 1, FOE_WRITE, FOE_DATA, FOE_ACK, FOE_ERROR, FOE_BUSY };
enum ecat_soe_opcode { SOE_READ = 1, SOE_READ_RESPONSE, SOE_WRITE, SOE_WRITE_RESPONSE, SOE_NOTIFICATION, SOE_EMERGENCY };

extern const struct oto_names ecat_commands, ecat_states, ecat_al_codes, ecat_vendors, ecat_ring_errors, ecat_mailbox_types,
    ecat_mailbox_errors, ecat_coe_services, ecat_sdo_aborts, ecat_info_opcodes, ecat_foe_opcodes, ecat_foe_errors, ecat_soe_opcodes,
    ecat_soe_errors, ecat_aoe_commands, ecat_aoe_errors, ecat_eoe_types, ecat_changes;

/* A register of the slave controller, or a range of them, and what it does to a slave to read it and to write it. */
struct ecat_register {
	uint16_t first, last;
	const char *name;
	uint8_t read_op, write_op;
	const char *doc;
};

/* The one that an access beginning at `offset` is about; never NULL. */
const struct ecat_register *ecat_register_of(uint16_t offset);

#endif
