/* SPDX-License-Identifier: Apache-2.0
 * A 4-ary heap of pointers: shallower than a binary one, and its children lie side by side. */
#include "proto/base/due.h"

#include <errno.h>
#include <stdlib.h>

enum { WAYS = 4 };

int due_heap_open(struct due_heap *h, size_t cap)
{
	*h = (struct due_heap){.cap = cap};
	h->slots = calloc(cap > 0 ? cap : 1, sizeof h->slots[0]);
	return h->slots == NULL ? -ENOMEM : 0;
}

void due_heap_close(struct due_heap *h)
{
	free(h->slots);
	*h = (struct due_heap){0};
}

void due_init(struct due *d, due_on_time *on_time)
{
	*d = (struct due){.on_time = on_time};
}

static bool is_before(const struct due_slot *a, const struct due_slot *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->tie < b->tie;
}

static void place(struct due_heap *h, struct due_slot slot, size_t at)
{
	h->slots[at] = slot;
	slot.due->place = at + 1;
}

static void sift_up(struct due_heap *h, struct due_slot slot, size_t at)
{
	while (at > 0) {
		size_t parent = (at - 1) / WAYS;
		if (!is_before(&slot, &h->slots[parent]))
			break;
		place(h, h->slots[parent], at);
		at = parent;
	}
	place(h, slot, at);
}

static void sift_down(struct due_heap *h, struct due_slot slot, size_t at)
{
	for (;;) {
		size_t first = at * WAYS + 1;
		size_t best = at;
		const struct due_slot *least = &slot;
		for (size_t c = first; c < first + WAYS && c < h->len; c++) {
			if (is_before(&h->slots[c], least)) {
				least = &h->slots[c];
				best = c;
			}
		}
		if (best == at)
			break;
		place(h, h->slots[best], at);
		at = best;
	}
	place(h, slot, at);
}

/* At this place, or where it belongs from there. */
static void sift(struct due_heap *h, struct due_slot slot, size_t at)
{
	if (at > 0 && is_before(&slot, &h->slots[(at - 1) / WAYS]))
		sift_up(h, slot, at);
	else
		sift_down(h, slot, at);
}

int due_set(struct due_heap *h, struct due *d, uint64_t at_ms)
{
	if (d->place == 0 && h->len == h->cap)
		return ERR_FULL;
	d->at_ms = at_ms;
	d->tie = h->ties++;
	struct due_slot slot = {.at_ms = at_ms, .tie = d->tie, .due = d};
	if (d->place == 0)
		sift_up(h, slot, h->len++);
	else
		sift(h, slot, d->place - 1);
	return 0;
}

void due_clear(struct due_heap *h, struct due *d)
{
	if (d->place == 0)
		return;
	size_t at = d->place - 1;
	d->place = 0;
	struct due_slot last = h->slots[--h->len];
	if (last.due != d)
		sift(h, last, at);
}

struct due *due_first(const struct due_heap *h)
{
	return h->len > 0 ? h->slots[0].due : NULL;
}
