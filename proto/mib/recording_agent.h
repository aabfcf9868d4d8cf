/* SPDX-License-Identifier: Apache-2.0
 * A recording as an SNMPv2c agent (RFC 3416), and a full poll of it by the same code that polls a
 * live printer, without a socket. Pure; the varbinds point into the recording and the request. */
#ifndef PLATEN_MIB_RECORDING_AGENT_H
#define PLATEN_MIB_RECORDING_AGENT_H

#include "proto/mib/mib.h"
#include "proto/reading/reading.h"
#include "proto/smi/request.h"
#include "proto/recording/recording.h"

#include <stddef.h>
#include <stdint.h>

/* Writes the varbinds of the response to vb, at most `max` of them. Returns how many. */
size_t recording_respond(const struct recording *recording, const struct snmp_request *q,
	struct varbind *vb, size_t max);

/* A full poll of `recording` into r, which the caller has opened; every group is dated now_ms
 * (Unix). `context` holds the objects in the SNMP context of the printer's family (mib_context);
 * NULL: requests in that context time out. */
void recording_poll(struct reading *r, const struct recording *recording,
	const struct recording *context, const struct models *models, uint64_t now_ms);

#endif
