/* SPDX-License-Identifier: Apache-2.0
 * A recording that answers questions as an SNMPv2c agent with these objects would (RFC 3416), and
 * the conversation of one whole poll with it: the very code that reads live printers, without a
 * socket. Pure; what comes back points into the recording and the question. */
#ifndef PLATEN_MIB_RECORDING_AGENT_H
#define PLATEN_MIB_RECORDING_AGENT_H

#include "proto/mib/mib.h"
#include "proto/reading/reading.h"
#include "proto/smi/request.h"
#include "proto/recording/recording.h"

#include <stddef.h>
#include <stdint.h>

/* The varbinds of the answer, at most `max` of them; returns how many. */
size_t recording_respond(
	const struct recording *w, const struct snmp_request *q, struct varbind *vb, size_t max);

/* A whole poll with `walk` as the printer: asks and folds until everything was asked, and dates
 * every group now_ms (Unix). `context` is what it answers in the SNMP context of its family
 * (mib_context), or NULL: then it is silent there. `r` was opened by the caller. */
void recording_poll(struct reading *r, const struct recording *walk,
	const struct recording *context, const struct models *models, uint64_t now_ms);

#endif
