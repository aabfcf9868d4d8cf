/* SPDX-License-Identifier: Apache-2.0
 * Records one printer: walks the sub-trees that a recording has
 * (proto/recording/recording_write.h), and what the model files ask, by GETBULK, one request at a
 * time, or by GETNEXT if the printer knows no GETBULK, and hands every varbind over as it comes, in
 * ascending order. Sub-trees of jobs, people and mail (excluded by a model file) are stepped over.
 * Bounded: LIMIT_RECORD_ROWS varbinds, and a walk that does not increase ends its sub-tree.
 *
 * recorder_start: a negative return means that on_end never comes; after 0 it comes exactly once.
 */
#ifndef PLATEN_FLEET_RECORDER_H
#define PLATEN_FLEET_RECORDER_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "engine/snmp/snmp_client.h"
#include "proto/model/model.h"
#include "proto/smi/oid.h"
#include "proto/smi/request.h"

#include <stddef.h>
#include <stdint.h>

struct recorder {
	struct snmp_client *client;
	struct snmp_peer *peer;
	const struct models *models; /* what is asked, and what is never read; or NULL */
	/* A varbind; a negative return ends the recording with that error. */
	int (*on_row)(void *owner, const struct varbind *vb);
	/* err 0: everything was walked. */
	void (*on_end)(void *owner, int err);
	void *owner;
	size_t rows;
	unsigned repetitions;        /* 0: GETNEXT */
	bool is_answered;            /* the printer said something at all */
	bool is_at_end;              /* it has nothing behind what was asked last */
	uint8_t root[LIMIT_OID_BER]; /* the sub-tree that is walked */
	size_t root_len;
	uint8_t beyond[LIMIT_OID_BER]; /* what stood behind the last sub-tree: nothing lies between
					*/
	size_t beyond_len;
	uint8_t at[LIMIT_OID_BER]; /* the last name seen */
	size_t at_len;
	struct snmp_request request;
};

/* The caller fills client, peer, models, on_row, on_end and owner; the rest is ours. */
int recorder_start(struct recorder *r) MUST_USE;

#endif
