/* SPDX-License-Identifier: Apache-2.0
 * Changes made through the control socket, each with its time, and the overrides of rows. */
#include "tools/sim/fleet.h"

#include "proto/smi/varbind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t fleet_changes_before(const struct printer *p, uint64_t at_ms)
{
	size_t n = p->history == NULL ? 0 : p->history->count;
	while (n > 0 && p->history->list[n - 1].at_ms >= at_ms)
		n--;
	return n;
}

size_t fleet_changes_until(const struct printer *p, uint64_t at_ms)
{
	size_t n = p->history == NULL ? 0 : p->history->count;
	while (n > 0 && p->history->list[n - 1].at_ms > at_ms)
		n--;
	return n;
}

size_t fleet_find_override(const struct history *h, struct oid_ber oid)
{
	size_t low = 0, high = h->now_count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (oid_ber_compare(h->now[mid].oid, oid) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct change *fleet_was_set(const struct printer *p, struct oid_ber oid, size_t changes)
{
	for (size_t i = changes; i-- > 0;) {
		const struct change *c = &p->history->list[i];
		if (c->kind != CHANGE_SET ||
			!oid_ber_is_equal((struct oid_ber){c->bytes, c->oid_len}, oid))
			continue;
		return c->type == SET_LIVE ? NULL : c;
	}
	return NULL;
}

/* Room for one more element; 0 or -ENOMEM. */
static int make_room(void **list, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return 0;
	size_t n = *cap == 0 ? 8 : *cap * 2;
	void *grown = realloc(*list, n * size);
	if (grown == NULL)
		return -ENOMEM;
	*list = grown;
	*cap = n;
	return 0;
}

static int override_now(struct history *h, const struct change *c)
{
	struct oid_ber oid = {c->bytes, c->oid_len};
	size_t at = fleet_find_override(h, oid);
	bool is_there = at < h->now_count && oid_ber_is_equal(h->now[at].oid, oid);
	if (c->type == SET_LIVE) {
		if (is_there)
			memmove(h->now + at, h->now + at + 1,
				(--h->now_count - at) * sizeof h->now[0]);
		return 0;
	}
	if (!is_there) {
		int err = make_room((void **)&h->now, h->now_count, &h->now_cap, sizeof h->now[0]);
		if (err < 0)
			return err;
		memmove(h->now + at + 1, h->now + at, (h->now_count++ - at) * sizeof h->now[0]);
	}
	h->now[at] = (struct override){oid, c->type, c->len, c->bytes + c->oid_len};
	return 0;
}

int fleet_change(struct fleet *f, struct printer *p, const struct change *c)
{
	if (p->history == NULL) {
		p->history = calloc(1, sizeof *p->history);
		if (p->history == NULL)
			return -ENOMEM;
	}
	struct history *h = p->history;
	if (h->count == FLEET_CHANGES || f->changes == FLEET_CHANGES_ALL)
		return ERR_FULL;
	int err = make_room((void **)&h->list, h->count, &h->cap, sizeof h->list[0]);
	if (err < 0)
		return err;
	struct change keep = *c;
	if (c->kind == CHANGE_SET) {
		size_t n = (size_t)c->oid_len + c->len;
		uint8_t *bytes = malloc(n + 1);
		if (bytes == NULL)
			return -ENOMEM;
		memcpy(bytes, c->bytes, n);
		keep.bytes = bytes;
		err = override_now(h, &keep);
		if (err < 0) {
			free(bytes);
			return err;
		}
		p->has_overrides = h->now_count > 0;
	}
	h->list[h->count++] = keep;
	f->changes++;
	p->until_ms = 0;
	return 0;
}
