/* SPDX-License-Identifier: Apache-2.0
 * One poll of one printer: SNMP requests one at a time until the plan is done, IPP as a second
 * source where SNMP says little, then, for a fleet, the record in the spool. The groups that were
 * read stay, with the status of each, however the poll ends. A poll is an object of its context's
 * slab; nothing is allocated on its way.
 *
 *   poll_start -> on_end -> poll_free
 *                        -> poll_keep -> on_kept -> poll_free
 *
 * poll_start and poll_keep: after a negative return no callback comes; after 0 exactly one comes,
 * never before the call has returned. */
#ifndef PLATEN_FLEET_POLL_H
#define PLATEN_FLEET_POLL_H

#include "engine/fleet/ipp_client.h"
#include "engine/fleet/roster.h"
#include "engine/loop/loop.h"
#include "engine/snmp/snmp_client.h"
#include "proto/base/err.h"
#include "proto/reading/reading.h"

#include <stddef.h>
#include <stdint.h>

struct collector;
struct poll;
struct poll_context;
struct rate_limit;

struct poll_end {
	int err; /* 0; or why not everything was requested: ERR_SNMP_TIMEOUT, ERR_STOPPED ... */
	bool has_stopped_responding; /* after a request, which is quarantined now */
	unsigned requests;
	uint32_t varbinds; /* in responses */
	uint64_t took_ms;
	uint64_t ended_wall_ms;
	struct device *device;
	const struct reading *reading; /* until poll_keep has packed it, or poll_free */
};

typedef void poll_on_end(void *owner, struct poll *poll, const struct poll_end *end);

/* err 0: the record is on disk. Else it is lost, and the next one is a full one. */
typedef void poll_on_kept(void *owner, struct poll *poll, int err);

/* After each response and timeout, before it is folded (`platen poll --trace`). */
typedef void poll_on_step(
	void *owner, const struct snmp_request *request, const struct snmp_response *response);

/* After each IPP query that was not stopped; without it, failures are logged. Bit g of `gained`:
 * it filled group g. */
typedef void poll_on_ipp(void *owner, const struct device *dev, const struct ipp_response *response,
	unsigned gained);

struct poll_options {
	struct snmp_client *client;    /* the caller's, as all below; outlives the context */
	const struct models *models;   /* device knowledge; NULL: what is built in */
	struct rate_limit *rate_limit; /* when a request may leave; NULL: at once */
	size_t polls, blocks;          /* at once; arena blocks that they share */
	size_t ipp_polls;              /* of these, by IPP at once; 0: none */
	bool is_identity;              /* only who the device is (discovery) */
	poll_on_step *on_step;         /* or NULL */
	poll_on_ipp *on_ipp;           /* or NULL */
	void *owner;                   /* of these two */
};

int poll_context_open(
	struct poll_context **ret, struct loop *l, const struct poll_options *o) MUST_USE;
/* When no poll is left. NULL is harmless. */
void poll_context_close(struct poll_context *c);
/* Every poll before its on_end ends with ERR_STOPPED, and none is made by IPP from now on. */
void poll_context_stop(struct poll_context *c);

/* Fields that the next polls request beside the others: a mask of enum reading_optional. */
void poll_context_add_optional(struct poll_context *c, unsigned optional);

size_t poll_context_left(const struct poll_context *c); /* polls that could be started */
size_t poll_context_ceiling(const struct poll_context *c);
size_t poll_context_memory(const struct poll_context *c); /* touched so far, IPP left out */
size_t poll_bytes(void);                                  /* of one poll, without its blocks */

/* ERR_FULL: no slot, or not as many blocks left as the device's last reading took. */
int poll_start(
	struct poll_context *c, struct device *dev, poll_on_end *on_end, void *owner) MUST_USE;

/* From on_end: 0: nothing has changed since the last record, on_kept never comes; 1: it comes. */
int poll_keep(struct poll *poll, struct collector *collector, poll_on_kept *on_kept) MUST_USE;

struct device *poll_device(const struct poll *poll);
void poll_free(struct poll *poll);

/* Whether any group was answered. */
bool poll_has_response(const struct reading *r);

#endif
