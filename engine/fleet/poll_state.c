/* SPDX-License-Identifier: Apache-2.0
 * A poll's life and its states. */
#include "engine/fleet/poll_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- states ----------------------------------------------------------------------------- */

#define AFTER(state) (1u << (state))

/* Bit s of [t]: state t may follow state s. */
static const uint8_t follows[] = {
	[POLL_ADMITTED] = 0,
	[POLL_REQUESTING] = AFTER(POLL_ADMITTED) | AFTER(POLL_VERIFYING),
	[POLL_VERIFYING] = AFTER(POLL_REQUESTING),
	[POLL_IPP] = AFTER(POLL_ADMITTED) | AFTER(POLL_REQUESTING) | AFTER(POLL_VERIFYING),
	[POLL_READ] = AFTER(POLL_IPP),
	[POLL_PACKING] = AFTER(POLL_READ),
	[POLL_KEEPING] = AFTER(POLL_PACKING),
};

static void end(struct poll *poll)
{
	struct poll_end how = {.err = poll->err,
		.has_stopped_responding = poll->snmp.has_stopped_responding,
		.requests = poll->snmp.requests,
		.varbinds = poll->snmp.plan.varbinds,
		.took_ms = loop_now_ms(poll->context->loop) - poll->began_ms,
		.ended_wall_ms = loop_wall_ms(poll->context->loop),
		.device = poll->device,
		.reading = &poll->reading};
	poll->keep.read_wall_ms = how.ended_wall_ms;
	poll->on_end(poll->owner, poll, &how);
}

void poll_move(struct poll *poll, enum poll_state to)
{
	if ((follows[to] & AFTER(poll->state)) == 0)
		abort();
	poll->state = (uint8_t)to;
	switch (to) {
	case POLL_ADMITTED:
	case POLL_REQUESTING:
	case POLL_VERIFYING:
	case POLL_PACKING:
	case POLL_KEEPING:
		return;
	case POLL_IPP:
		if (!poll_ipp_begin(poll))
			poll_move(poll, POLL_READ);
		return;
	case POLL_READ:
		end(poll);
		return;
	}
}

/* ---- life of a poll ---------------------------------------------------------------------- */

/* Its blocks are free for others. */
static void drop_reading(struct poll *poll)
{
	unsigned used = poll->reading.arena.blocks;
	uint8_t *learned = &poll->device->profile.blocks;
	if (used > 0 || *learned == 0)
		*learned = (uint8_t)(used > 0 ? used : 1);
	reading_close(&poll->reading);
	poll->context->promised -= poll->promised;
	poll->promised = 0;
}

void poll_free(struct poll *poll)
{
	drop_reading(poll);
	slab_give(&poll->context->polls, poll);
}

struct device *poll_device(const struct poll *poll)
{
	return poll->device;
}

static int begin(struct poll *poll)
{
	if (poll->device->ipp.mode != IPP_MODE_ONLY)
		return poll_snmp_request(poll);
	poll->state = POLL_IPP;
	return poll_ipp_begin(poll);
}

int poll_start(struct poll_context *c, struct device *dev, poll_on_end *on_end, void *owner)
{
	size_t blocks = dev->profile.blocks != 0 ? dev->profile.blocks : LIMIT_BLOCKS_NEW_DEVICE;
	if (c->promised + blocks > c->blocks.max && c->promised > 0)
		return ERR_FULL;
	struct poll *poll = slab_take(&c->polls);
	if (poll == NULL)
		return ERR_FULL;
	memset(poll, 0, sizeof *poll);
	poll->context = c;
	poll->device = dev;
	poll->on_end = on_end;
	poll->owner = owner;
	poll->began_ms = loop_now_ms(c->loop);
	poll->promised = (uint16_t)blocks;
	c->promised += blocks;
	reading_open(&poll->reading, &c->blocks);
	poll_snmp_open(poll);
	int err = begin(poll);
	if (err > 0)
		return 0;
	poll_free(poll);
	return err < 0 ? err : ERR_LIMIT;
}

/* ---- keeping ----------------------------------------------------------------------------- */

static void on_packed(struct collect_item *item)
{
	struct poll *poll = container_of(item, struct poll, keep);
	poll_move(poll, POLL_KEEPING);
	drop_reading(poll);
}

static void on_item_kept(struct collect_item *item, int err)
{
	struct poll *poll = container_of(item, struct poll, keep);
	poll->on_kept(poll->owner, poll, err);
}

int poll_keep(struct poll *poll, struct collector *collector, poll_on_kept *on_kept)
{
	poll->on_kept = on_kept;
	poll->keep.device = poll->device;
	poll->keep.reading = &poll->reading;
	poll->keep.is_incremental = poll->snmp.plan.is_incremental;
	poll->keep.is_stopped = poll->err == ERR_STOPPED;
	poll->keep.on_packed = on_packed;
	poll->keep.on_kept = on_item_kept;
	poll_move(poll, POLL_PACKING);
	return collect_reading(collector, &poll->keep);
}

/* ---- the context ------------------------------------------------------------------------- */

int poll_context_open(struct poll_context **ret, struct loop *l, const struct poll_options *o)
{
	struct poll_context *c = calloc(1, sizeof *c);
	if (c == NULL)
		return -ENOMEM;
	c->loop = l;
	c->options = *o;
	if (c->options.models == NULL)
		c->options.models = models_builtin();
	int err = slab_open(&c->polls, sizeof(struct poll), o->polls);
	if (err == 0)
		err = slab_open(&c->blocks, LIMIT_ARENA_BLOCK, o->blocks);
	if (err == 0)
		err = poll_ipp_open(c);
	if (err < 0) {
		poll_context_close(c);
		return err;
	}
	*ret = c;
	return 0;
}

void poll_context_close(struct poll_context *c)
{
	if (c == NULL)
		return;
	poll_ipp_close(c);
	slab_close(&c->polls);
	slab_close(&c->blocks);
	free(c);
}

void poll_context_stop(struct poll_context *c)
{
	snmp_client_stop(c->options.client, NULL);
	if (c->options.rate_limit != NULL)
		rate_limit_cancel_all(c->options.rate_limit);
	poll_ipp_stop_all(c);
}

void poll_context_add_optional(struct poll_context *c, unsigned optional)
{
	c->optional = optional;
}

size_t poll_context_left(const struct poll_context *c)
{
	return slab_left(&c->polls);
}

size_t poll_context_ceiling(const struct poll_context *c)
{
	return sizeof *c + slab_ceiling(&c->polls) + slab_ceiling(&c->blocks) +
	       slab_ceiling(&c->ipp_blocks) + ipp_client_ceiling(&c->ipp_client);
}

size_t poll_context_memory(const struct poll_context *c)
{
	return sizeof *c + c->polls.fresh * c->polls.size + c->blocks.fresh * c->blocks.size;
}

size_t poll_bytes(void)
{
	return sizeof(struct poll);
}
