/* SPDX-License-Identifier: Apache-2.0
 * Random printers: tables of every shape that agents are known for, as cells, with the behaviour of
 * their agent (mib_shape_agent.h). The same number always makes the same printer. */
#ifndef PLATEN_TESTS_KIT_MIB_SHAPE_H
#define PLATEN_TESTS_KIT_MIB_SHAPE_H

#include "proto/mib/mib.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum shape_table {
	SHAPE_DEVICE,
	SHAPE_PRINTER,
	SHAPE_COVER,
	SHAPE_INPUT,
	SHAPE_OUTPUT,
	SHAPE_MARKER,
	SHAPE_SUPPLIES,
	SHAPE_COLORANT,
	SHAPE_PATH,
	SHAPE_CHANNEL,
	SHAPE_INTERPRETER,
	SHAPE_ALERT,
	SHAPE_STANDARD, /* the vendor's tables from here on, as in shape_model */
	SHAPE_COUNTERS = SHAPE_STANDARD,
	SHAPE_MODULES,
	SHAPE_SETTINGS,
	SHAPE_WEAR,
	SHAPE_DETAILS,
	SHAPE_TABLES
};

enum shape_kind { KIND_NUMBER, KIND_SMALL, KIND_TEXT, KIND_COUNT, KIND_BITS, KIND_DEVICE_TYPE };

enum { SHAPE_COLUMNS = 8, SHAPE_ROWS = 80, SHAPE_SUBS = 4, SHAPE_BYTES = 44 };

struct shape_column {
	uint8_t number; /* the last sub-identifier of its OID */
	uint8_t kind;
};

struct shape_def {
	const char *entry; /* contents bytes */
	uint8_t entry_len;
	uint8_t group; /* enum reading_group */
	uint8_t columns;
	struct shape_column column[SHAPE_COLUMNS];
};

/* 1.3.6.1.4.1.32473, reserved for examples by RFC 5612, and its model file. */
#define SHAPE_VENDOR "\x2b\x06\x01\x04\x01\x81\xfd\x59"
extern const char shape_model[];

#define SHAPE_ENTRY(bytes) "\x2b\x06\x01\x02\x01" bytes, sizeof("\x2b\x06\x01\x02\x01" bytes) - 1

#define SHAPE_VENDORS(bytes) SHAPE_VENDOR bytes, sizeof(SHAPE_VENDOR bytes) - 1

/* In the order of their OIDs. */
extern const struct shape_def shape_defs[SHAPE_TABLES];

struct shape_cell {
	bool is_there;
	bool has_number; /* `number` is the value of the bytes, whatever the type */
	uint8_t type;    /* enum ber_type */
	uint8_t len;
	uint8_t bytes[SHAPE_BYTES];
	int64_t number;
};

struct shape_row {
	uint8_t subs;
	uint32_t sub[SHAPE_SUBS];
	struct shape_cell cell[SHAPE_COLUMNS];
};

/* The fault of the agent in one column of one table. */
enum shape_fault {
	FAULT_NONE,
	FAULT_REPEATS,    /* after a row the same row follows, for ever */
	FAULT_RESTARTS,   /* after a row the first one of the column follows, for ever */
	FAULT_LEAPS,      /* after a row sysDescr follows */
	FAULT_SWAPS,      /* two rows are in the wrong order */
	FAULT_ENDLESS,    /* after the last row there is always another */
	FAULT_ERROR,      /* a request for this column gets genErr */
	FAULT_MANY,       /* more rows than are kept of this table */
	FAULT_LONG_INDEX, /* the last row has an index that no row of this table may have */
	FAULT_TIMEOUT,    /* the n-th request and later ones time out; no table */
	FAULT_COUNT
};

/* The behaviour of the agent. */
struct shape_behaviour {
	bool is_v1;
	bool has_no_bulk;       /* GETBULK gets genErr */
	bool names_no_object;   /* errors have error-index 0 */
	uint8_t too_big;        /* responses of more varbinds are tooBig; 0: no limit */
	uint8_t most;           /* varbinds of a response, the rest is left out; 0: all */
	uint8_t rotated;        /* the varbinds of a response to GET are rotated by so many */
	uint16_t max_bytes;     /* of a request */
	uint8_t first_varbinds; /* struct mib_limits before the poll */
	uint8_t varbinds_limit;
};

struct shape {
	uint64_t seed; /* of the random numbers to come */
	uint16_t charset;
	bool is_known; /* its vendor's model file is loaded */
	struct shape_cell charset_cell;
	unsigned rows[SHAPE_TABLES];
	struct shape_row row[SHAPE_TABLES][SHAPE_ROWS];
	uint8_t fault; /* enum shape_fault */
	uint8_t fault_table;
	uint8_t fault_column;
	uint8_t fault_row; /* the n-th object of the column */
	unsigned timeout_from;
	struct shape_behaviour behaviour;
};

uint32_t shape_below(struct shape *s, uint32_t n);
bool shape_one_in(struct shape *s, uint32_t n);
void shape_put_number(struct shape_cell *c, uint8_t type, int64_t v);
void shape_put_bytes(struct shape_cell *c, uint8_t type, const void *p, size_t len);
/* A value of another type than the column's, none, or an invalid one. */
void shape_put_odd(struct shape *s, struct shape_cell *c);
void shape_draw_behaviour(struct shape *s);
/* A fault in a column with at least two rows, or none if there is no such column. */
void shape_draw_fault(struct shape *s);
/* One or two tables are large; more would make each poll long. */
void shape_draw(struct shape *s, uint64_t number);

#endif
