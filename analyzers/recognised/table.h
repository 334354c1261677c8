/* table.h - the protocols that are recognised without a services.tsv. */
#ifndef OTO_RECOGNISED_TABLE_H
#define OTO_RECOGNISED_TABLE_H

/* Rows as services.tsv has them, a line each. */
extern const char recognised_rows[];

#endif
