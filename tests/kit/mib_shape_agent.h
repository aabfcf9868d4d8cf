/* SPDX-License-Identifier: Apache-2.0
 * The agent of a random printer: its objects in the order of their OIDs, its responses to GET,
 * GETNEXT and GETBULK with its behaviour and its fault, and a full poll. */
#ifndef PLATEN_TESTS_KIT_MIB_SHAPE_AGENT_H
#define PLATEN_TESTS_KIT_MIB_SHAPE_AGENT_H

#include "tests/kit/mib_shape.h"
#include "proto/smi/request.h"

enum { AGENT_OBJECTS = 2048, AGENT_OID = 40, AGENT_NO_TABLE = SHAPE_TABLES };

struct agent_object {
	uint8_t oid[AGENT_OID];
	uint8_t len;
	uint8_t table; /* AGENT_NO_TABLE: a scalar */
	uint8_t column;
	uint8_t nth; /* of its column */
	const struct shape_cell *cell;
};

struct agent {
	const struct shape *shape;
	unsigned count;
	struct agent_object object[AGENT_OBJECTS];
	unsigned first[SHAPE_TABLES][SHAPE_COLUMNS]; /* of the column; unused if it is empty */
	/* Names that exist in an endless column only. */
	uint8_t made[LIMIT_VARBINDS][AGENT_OID + 5];
	unsigned requests;
	unsigned varbinds;
};

#define AGENT_SCALAR(a, bytes, cell)                                                               \
	agent_add(a, "\x2b\x06\x01\x02\x01" bytes, sizeof("\x2b\x06\x01\x02\x01" bytes) - 1, NULL, \
		0, cell)

/* All objects of the shape, in the order of the OIDs. */
void agent_open(struct agent *a, const struct shape *s);
/* A full poll. False if it does not end within `max_requests`. */
bool agent_poll(struct agent *a, struct mib_limits *memory, struct reading *r,
	const struct models *models, bool is_incremental, unsigned max_requests);

#endif
