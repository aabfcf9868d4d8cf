/* SPDX-License-Identifier: Apache-2.0
 * The spool of the replay world: a commit after the linger, full or failing by script, and every
 * kept record read back and held against what its printer held. */
#include "tests/replay/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kept {
	size_t len;
	uint8_t bytes[];
};

/* Records of the open commit, in the order of their puts. */
static struct kept *open_records[65536];
static size_t open_count;

static bool is_within(uint64_t now, uint64_t from, uint64_t until)
{
	return now >= from && now < until;
}

static void on_commit(struct due *due)
{
	struct spool *s = container_of(due, struct spool, commit);
	bool is_failing = is_within(s->loop->now_ms, s->fails_from_ms, s->fails_until_ms);
	struct list done;
	list_init(&done);
	list_move_all(&done, &s->waiting);
	size_t count = open_count;
	struct kept *records[sizeof open_records / sizeof open_records[0]];
	memcpy(records, open_records, count * sizeof records[0]);
	open_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct spool_put *put = container_of(list_pop(&done), struct spool_put, node);
		if (is_failing) {
			s->failed++;
		} else {
			s->kept++;
			world_take_record(world, records[i]->bytes, records[i]->len);
		}
		free(records[i]);
		put->on_kept(put, is_failing ? ERR_STORE : 0);
	}
}

uint64_t spool_next_seq(const struct spool *s)
{
	return s->next_seq;
}

void spool_counts(const struct spool *s, struct spool_counts *ret)
{
	*ret = (struct spool_counts){.kept = s->kept, .waiting = open_count};
}

int spool_put(struct spool *s, struct spool_put *put, const uint8_t *record, size_t len)
{
	if (is_within(s->loop->now_ms, s->full_from_ms, s->full_until_ms) ||
		open_count == sizeof open_records / sizeof open_records[0]) {
		s->refused++;
		return ERR_FULL;
	}
	struct kept *k = malloc(sizeof *k + len);
	if (k == NULL)
		abort();
	k->len = len;
	memcpy(k->bytes, record, len);
	open_records[open_count++] = k;
	put->seq = s->next_seq++;
	list_init(&put->node);
	list_push(&s->waiting, &put->node);
	if (s->commit.on_time == NULL)
		due_init(&s->commit, on_commit);
	if (!due_is_set(&s->commit) &&
		due_set(&s->loop->heap, &s->commit, s->loop->now_ms + s->linger_ms) < 0)
		abort();
	return 0;
}

/* ---- the truth --------------------------------------------------------------------------- */

/* Whether the printer held this page count at some instant of the group's time. */
static bool held_pages(const struct printer *p, const struct group_info *g, uint64_t pages)
{
	/* The collector rounds it down to a second, maybe to before the world began. */
	uint64_t asked_ms =
		g->requested_at_ms < WORLD_WALL_MS ? 0 : g->requested_at_ms - WORLD_WALL_MS;
	uint64_t from = world_pages(p, asked_ms);
	uint64_t until = world_pages(p, g->responded_at_ms - WORLD_WALL_MS);
	return pages >= from && pages <= until;
}

static void take_meters(struct world *h, struct printer *p, const struct reading *r)
{
	const struct meter *life = NULL;
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		if (m->name == METER_MARKER_LIFE)
			life = m;
	}
	p->meter_records++;
	if (life == NULL || !held_pages(p, &r->group[GROUP_METERS], life->value))
		h->wrong++;
	else
		p->last_pages = life->value;
}

void world_take_record(struct world *h, const uint8_t *bytes, size_t len)
{
	struct record_head head;
	struct reading r;
	unsigned mask = 0;
	reading_open(&r, &h->spool.blocks);
	int n = record_unpack(&head, &r, &mask, bytes, len);
	unsigned number = 0;
	/* "10.1.0.7:161": the printer's number is in its address. */
	unsigned b, c, d;
	char address[64];
	(void)str_copy(address, head.address.len < sizeof address ? head.address.len + 1 : 1,
		n > 0 ? head.address.p : "");
	if (n != (int)len || sscanf(address, "10.%u.%u.%u:161", &b, &c, &d) != 3) {
		h->wrong++;
		reading_close(&r);
		return;
	}
	number = (b << 16 | c << 8 | d) - 0x10001;
	struct printer *p = &h->printers[number];
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		h->half_groups += (mask & 1u << g) != 0 && r.group[g].status != GROUP_COMPLETE;
	char key[32];
	(void)snprintf(
		key, sizeof key, "serial:xerox/RPL%06u", number + h->printers[number].serial_add);
	/* Until a printer has told its serial, its address is its name. */
	bool is_unnamed = p->records == p->unnamed && text_starts_with(head.device_key, "addr:");
	p->unnamed += is_unnamed;
	if (!is_unnamed && !text_is(head.device_key, key))
		h->wrong++;
	p->records++;
	p->full_records += head.is_full;
	p->last_record_ms = h->loop.now_ms;
	if ((mask & 1u << GROUP_METERS) != 0)
		take_meters(h, p, &r);
	if ((mask & 1u << GROUP_ALERTS) != 0) {
		p->alert_records++;
		p->last_alerts = r.alert_count;
	}
	reading_close(&r);
}
