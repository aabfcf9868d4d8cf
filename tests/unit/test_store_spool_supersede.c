/* SPDX-License-Identifier: Apache-2.0
 * Newer records supersede older ones by group: what the hub makes of the records that are left, its
 * events and the last state of each device, is what it makes of all records. Records that a hub may
 * have do not change. The control switches off what counts. */
#include "engine/hub/merge.h"
#include "engine/store/archive_view.h"
#include "tests/counts.h"
#include "tests/kit/spool_fixture.h"

unsigned __real_history_counts(enum reading_group g, const struct reading *old, uint64_t old_at_ms,
	const struct reading *now, uint64_t now_ms);
unsigned __wrap_history_counts(enum reading_group g, const struct reading *old, uint64_t old_at_ms,
	const struct reading *now, uint64_t now_ms);

static bool is_control;

unsigned __wrap_history_counts(enum reading_group g, const struct reading *old, uint64_t old_at_ms,
	const struct reading *now, uint64_t now_ms)
{
	return is_control ? 0 : __real_history_counts(g, old, old_at_ms, now, now_ms);
}

enum { DEVICES = 3, POLLS = 40, ALERTS = 5, EVENTS = 4096, LINE = 700 };
#define START UINT64_C(1790000000000)
#define HOUR UINT64_C(3600000)

static struct slab blocks;

/* xorshift64*: the same on every machine. */
static uint64_t below(uint64_t *seed, uint64_t n)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * UINT64_C(0x2545f4914f6cdd1d) >> 11) % n;
}

static bool one_in(uint64_t *seed, uint64_t n)
{
	return below(seed, n) == 0;
}

struct device {
	char key[40];
	unsigned address;
	uint64_t total, color;
	int level, false_level, part;
	uint8_t word;
	unsigned serial, firmware, console;
	unsigned alerts; /* bit n: alert n stands; bit n + 8: twice */
	uint16_t errors;
	bool is_partial, is_low_meter, has_extra_meter;
	bool wants_full;
	uint64_t digest[GROUP_COUNT], seen_at_ms[GROUP_COUNT];
};

struct hub {
	char dir[300];
	struct archive *archive;
	struct archive_result result;
	struct buf body; /* of the hub that gets all records */
	uint64_t first, last;
};

struct world {
	struct fixture *f;
	struct hub part, all;
	struct device device[DEVICES];
	uint64_t seed, now_ms, done;
};

/* ---- the printers ---- */

static void change_meters(struct device *d, uint64_t *seed)
{
	d->is_low_meter = one_in(seed, 40);
	if (one_in(seed, 30))
		d->total += 100000 + below(seed, 3000000);
	else if (one_in(seed, 40))
		d->total = d->color = below(seed, 40);
	else if (!one_in(seed, 3))
		d->total += below(seed, 1500);
	if (one_in(seed, 5))
		d->color += below(seed, 300);
	if (one_in(seed, 60))
		d->has_extra_meter = !d->has_extra_meter;
}

static void change_supplies(struct device *d, uint64_t *seed)
{
	static const uint8_t words[] = {
		LEVEL_SOME, LEVEL_OK, LEVEL_LOW, LEVEL_EMPTY, LEVEL_UNKNOWN};
	d->false_level = one_in(seed, 40) ? 0 : -1;
	if (one_in(seed, 2))
		d->level -= (int)below(seed, 4);
	if (one_in(seed, 25))
		d->level += 1 + (int)below(seed, 3);
	if (one_in(seed, 30))
		d->level = 4 + (int)below(seed, 9);
	if (one_in(seed, 40)) {
		d->level = 60 + (int)below(seed, 41);
		d->serial += (unsigned)below(seed, 2);
		d->part += one_in(seed, 3);
	}
	d->level = d->level < 0 ? 0 : d->level > 100 ? 100 : d->level;
	if (one_in(seed, 15))
		d->word = words[below(seed, sizeof words)];
}

static void change(struct device *d, uint64_t *seed)
{
	change_meters(d, seed);
	change_supplies(d, seed);
	if (one_in(seed, 6))
		d->alerts ^= 1u << below(seed, ALERTS);
	if (one_in(seed, 40))
		d->alerts ^= 256u << below(seed, ALERTS);
	if (one_in(seed, 12))
		d->errors ^= (uint16_t)(0x8000u >> below(seed, 16));
	d->console += one_in(seed, 2);
	d->firmware += one_in(seed, 50);
	d->is_partial = one_in(seed, 25);
	d->wants_full = d->wants_full || one_in(seed, 20);
	if (one_in(seed, 40))
		d->address = (unsigned)below(seed, DEVICES);
}

static struct text number_text(struct reading *r, const char *what, unsigned n)
{
	char text[64];
	int len = snprintf(text, sizeof text, "%s %u", what, n);
	return reading_text(r, (const uint8_t *)text, (size_t)len, LIMIT_TEXT);
}

static void add_meters(struct reading *r, const struct device *d)
{
	struct meter *m = reading_add_meter(r);
	m->name = METER_IMPRESSIONS_TOTAL;
	m->unit = 7;
	m->value = d->is_low_meter ? d->total / 2 : d->total;
	if (d->is_partial)
		return;
	m = reading_add_meter(r);
	m->name = METER_IMPRESSIONS_COLOR;
	m->unit = 7;
	m->value = d->color;
	if (!d->has_extra_meter)
		return;
	m = reading_add_meter(r);
	m->name = METER_VENDOR;
	m->label = TEXT("Lines");
	m->unit = 5;
	m->value = d->total * 1000;
}

static void add_supplies(struct reading *r, const struct device *d)
{
	struct supply *s = reading_add_supply(r);
	s->device = s->index = 1;
	s->type = s->supply_class = 3;
	s->has_level = s->has_max = true;
	s->level = d->false_level >= 0 ? d->false_level : d->level;
	s->max = 100;
	s->serial = number_text(r, "T", d->serial);
	s->part = number_text(r, "PN", (unsigned)d->part);
	supply_set_level_kind(s);
	s = reading_add_supply(r);
	s->device = 1;
	s->index = 2;
	s->type = 9;
	s->supply_class = 3;
	s->level_kind = d->word;
}

static void add_alerts(struct reading *r, const struct device *d)
{
	/* Jam, cover, low and empty toner, a state. */
	static const int groups[ALERTS] = {13, 6, 11, 11, 1},
			 codes[ALERTS] = {8, 3, 1104, 1101, 507};
	for (unsigned i = 0; i < 2 * ALERTS; i++) {
		unsigned n = i % ALERTS;
		bool is_there = (d->alerts >> n & 1) != 0 &&
				(i < ALERTS || (d->alerts >> (n + 8) & 1) != 0);
		if (!is_there || (d->is_partial && n == 0))
			continue;
		struct alert *a = reading_add_alert(r);
		a->device = 1;
		a->index = 1 + i;
		a->group = groups[n];
		a->group_index = 1;
		a->code = codes[n];
		a->severity = n == 4 ? 1 : 3;
		a->training = 3;
		a->description = number_text(r, "alert", n);
	}
}

static void read_device(struct reading *r, const struct device *d, uint64_t now_ms)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		r->group[g] = (struct group_info){.status = GROUP_COMPLETE,
			.requested_at_ms = now_ms - 50,
			.responded_at_ms = now_ms - 10};
	if (d->is_partial)
		r->group[GROUP_ALERTS].status = r->group[GROUP_METERS].status = GROUP_PARTIAL;
	r->identity.is_printer = true;
	r->identity.vendor = TEXT("Sim");
	r->identity.model = TEXT("Sim 1");
	struct firmware *f = reading_add_firmware(r);
	f->name = TEXT("system");
	f->version = number_text(r, "v", d->firmware);
	add_meters(r, d);
	add_supplies(r, d);
	add_alerts(r, d);
	r->state.printer_status = 3;
	r->state.has_errors = true;
	r->state.errors = d->errors;
	r->state.console = number_text(r, "Ready", d->console);
	r->pages_per_minute = 40;
}

/* ---- the agent ---- */

static unsigned changed_groups(struct device *d, struct reading *r, uint64_t now_ms)
{
	unsigned groups = 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		uint64_t digest = record_group_digest(r, (enum reading_group)g);
		if (digest == d->digest[g])
			d->seen_at_ms[g] = now_ms;
		else
			r->group[g].before_at_ms = d->seen_at_ms[g];
		if (d->wants_full || digest != d->digest[g])
			groups |= 1u << g;
		if (digest != d->digest[g])
			d->seen_at_ms[g] = 0;
		d->digest[g] = digest;
	}
	return groups;
}

static void put_bytes(struct world *w, const struct buf *b)
{
	struct fixture_put *p = calloc(1, sizeof *p);
	assert_non_null(p);
	p->f = w->f;
	p->put.on_kept = fixture_on_kept;
	assert_int_equal(spool_put(w->f->spool, &p->put, b->data, b->len), 0);
	w->f->out++;
	w->all.last = p->put.seq;
	assert_int_equal(buf_put(&w->all.body, b->data, b->len), 0);
}

static void poll_device(struct world *w, struct device *d)
{
	static uint8_t bytes[LIMIT_RECORD];
	char address[32];
	struct reading r;
	struct buf b;
	(void)snprintf(address, sizeof address, "10.0.0.%u:161", d->address);
	reading_open(&r, &blocks);
	read_device(&r, d, w->now_ms);
	unsigned groups = changed_groups(d, &r, w->now_ms);
	struct record_head head = {.seq = spool_next_seq(w->f->spool),
		.read_at_ms = w->now_ms,
		.is_full = d->wants_full,
		.address = text_of(address),
		.device_key = text_of(d->key)};
	buf_over(&b, bytes, sizeof bytes);
	assert_int_equal(record_pack(&b, &head, &r, groups), 0);
	if (groups != 0) {
		d->wants_full = false;
		put_bytes(w, &b);
	}
	reading_close(&r);
}

/* ---- the hubs ---- */

static void open_hub(struct hub *h, const char *dir, const char *name)
{
	char why[LIMIT_WHY] = "";
	(void)snprintf(h->dir, sizeof h->dir, "%s/%s", dir, name);
	struct archive_options o = {.dir = h->dir, .rule = &merge_rule};
	if (archive_open(&h->archive, &o, why, sizeof why) < 0)
		fail_msg("%s: %s", h->dir, why);
	buf_open(&h->result.wanted, LIMIT_WANTED);
	buf_open(&h->body, 64u << 20);
	h->first = 1;
}

static void close_hub(struct hub *h)
{
	static const char *const files[] = {
		"store.db", "store.db-wal", "store.db-shm", "store.lock"};
	char path[400];
	archive_close(h->archive);
	buf_close(&h->result.wanted);
	buf_close(&h->body);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", h->dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(h->dir);
}

static void receive(struct hub *h, const uint8_t *body, size_t len, uint64_t first, uint64_t last,
	uint64_t receipted, uint64_t now_ms)
{
	static const uint8_t agent[ARCHIVE_AGENT_ID] = {1}, key[44] = {2};
	struct archive_batch b = {.agent_id = agent,
		.public_key = key,
		.public_key_len = sizeof key,
		.account = TEXT("test"),
		.site = TEXT("Lyon"),
		.software = TEXT("test"),
		.epoch = 1,
		.first = first,
		.last = last,
		.has_receipted = true,
		.receipted = receipted,
		.received_at_ms = now_ms + 4 * HOUR,
		.body = body,
		.body_len = len};
	assert_int_equal(archive_begin(h->archive), 0);
	/* A record that has changed under its number is a conflict. */
	int err = archive_put_batch(h->archive, &b, &h->result);
	if (err < 0)
		fail_msg("archive_put_batch: %s: %s", err_text(err), archive_why(h->archive));
	assert_int_equal(h->result.rejected_count, 0);
	assert_false(h->result.has_gap);
	assert_int_equal(archive_commit(h->archive), 0);
}

static void send_all(struct world *w)
{
	struct hub *h = &w->all;
	if (h->body.len > 0)
		receive(h, h->body.data, h->body.len, h->first, h->last, h->first - 1, w->now_ms);
	buf_clear(&h->body);
	h->first = h->last + 1;
}

/* One batch to the hub. False: there is none. */
static bool send_part(struct world *w, size_t max_records, bool is_receipt_lost)
{
	struct fixture *f = w->f;
	assert_int_equal(fixture_peek(f, max_records), 0);
	if (f->batch.count == 0)
		return false;
	receive(&w->part, f->batch.body.data, f->batch.body.len, f->batch.first, f->batch.last,
		w->done, w->now_ms);
	if (!is_receipt_lost) {
		uint64_t last = f->batch.last;
		assert_int_equal(fixture_done_receipted(f, last), 0);
		w->done = last;
	}
	return true;
}

/* ---- comparing ---- */

struct listing {
	char (*line)[LINE];
	size_t count;
};

static int list_event(void *owner, const struct archive_event *e)
{
	struct listing *l = owner;
	assert_true(l->count < EVENTS);
	(void)snprintf(l->line[l->count++], LINE,
		"%s %s %.2f-%.2f ended %.2f-%.2f \"%.*s\" \"%.*s\" \"%.*s\" cycle %u code %d",
		e->device_key.p, history_kind_name((enum history_kind)e->kind),
		e->from_ms == 0 ? 0 : (double)(e->from_ms - START) / (double)HOUR,
		(double)(e->to_ms - START) / (double)HOUR,
		e->ended_from_ms == 0 ? 0 : (double)(e->ended_from_ms - START) / (double)HOUR,
		e->ended_to_ms == 0 ? 0 : (double)(e->ended_to_ms - START) / (double)HOUR,
		TEXT_ARG(e->what), TEXT_ARG(e->old_text), TEXT_ARG(e->new_text), e->cycle, e->code);
	return 0;
}

static int list_device(void *owner, const struct archive_device *d)
{
	struct listing *l = owner;
	assert_int_equal(d->damaged, 0);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		char *line = l->line[l->count++];
		int n = snprintf(
			line, LINE, "%u %llu ", g, (unsigned long long)d->group[g].read_at_ms);
		for (size_t i = 0; i < d->group[g].len && n + 3 < LINE; i++)
			n += snprintf(line + n, (size_t)(LINE - n), "%02x", d->group[g].bytes[i]);
	}
	(void)snprintf(l->line[l->count++], LINE, "%.*s", TEXT_ARG(d->address));
	return 0;
}

static int compare_line(const void *a, const void *b)
{
	return strcmp(a, b);
}

static struct listing list_hub(const struct hub *h, const struct device *devices)
{
	struct listing l = {.line = calloc(EVENTS, LINE)};
	struct archive_view *v;
	char why[LIMIT_WHY] = "";
	assert_non_null(l.line);
	assert_int_equal(archive_view_open(&v, h->dir, why, sizeof why), 0);
	for (unsigned i = 0; i < DEVICES; i++) {
		struct archive_event_filter filter = {
			.key = text_of(devices[i].key), .max = EVENTS};
		assert_true(archive_view_events(v, &filter, list_event, &l) >= 0);
		assert_int_equal(archive_view_find(v, text_of(devices[i].key), list_device, &l), 1);
	}
	archive_view_close(v);
	qsort(l.line, l.count, LINE, compare_line);
	return l;
}

/* How many lines only one of the two has. */
static size_t compare_hubs(const struct world *w, bool is_quiet)
{
	struct listing part = list_hub(&w->part, w->device), all = list_hub(&w->all, w->device);
	size_t i = 0, k = 0, differences = 0;
	while (i < part.count || k < all.count) {
		int order = i == part.count  ? 1
			    : k == all.count ? -1
					     : strcmp(part.line[i], all.line[k]);
		if (order != 0 && !is_quiet)
			print_message("only %s: %s\n", order < 0 ? "superseded" : "all",
				order < 0 ? part.line[i] : all.line[k]);
		differences += order != 0;
		i += order <= 0;
		k += order >= 0;
	}
	free(part.line);
	free(all.line);
	return differences;
}

/* ---- lives ---- */

static void begin_life(struct world *w, unsigned long life)
{
	w->seed = (life + 1) * UINT64_C(0x9e3779b97f4a7c15);
	for (unsigned i = 0; i < DEVICES; i++) {
		struct device *d = &w->device[i];
		*d = (struct device){.address = i,
			.total = 5000 + below(&w->seed, 100000),
			.level = (int)below(&w->seed, 101),
			.false_level = -1,
			.word = LEVEL_SOME,
			.wants_full = true};
		(void)snprintf(d->key, sizeof d->key, "serial:sim/%lu-%u", life, i);
	}
}

/* Polls and syncs in any order, over a line that loses receipts. */
static void live(struct world *w)
{
	/* Some hubs are away for long. */
	uint64_t syncs = one_in(&w->seed, 3) ? 20 : 3;
	for (unsigned poll = 0; poll < POLLS; poll++) {
		w->now_ms += HOUR - 60000 + below(&w->seed, 120000);
		for (unsigned i = 0; i < DEVICES; i++) {
			change(&w->device[i], &w->seed);
			poll_device(w, &w->device[i]);
		}
		fixture_settle(w->f);
		if (one_in(&w->seed, syncs))
			(void)send_part(w, 1 + below(&w->seed, 30), one_in(&w->seed, 2));
	}
	while (send_part(w, 1000, false))
		continue;
	send_all(w);
}

static void open_world(struct world *w, struct fixture *f)
{
	*w = (struct world){.f = f, .now_ms = START};
	assert_int_equal(slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
	fixture_open(f);
	open_hub(&w->part, f->dir, "part");
	open_hub(&w->all, f->dir, "all");
}

static void check_balance(const struct fixture *f)
{
	struct spool_counts c;
	spool_counts(f->spool, &c);
	uint64_t sum =
		c.balance.receipted + c.pending + c.balance.superseded + c.balance.quarantined;
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		sum += c.balance.dropped[i];
	assert_int_equal(c.balance.kept, sum);
}

static void close_world(struct world *w)
{
	check_balance(w->f);
	close_hub(&w->part);
	close_hub(&w->all);
	fixture_close(w->f);
	slab_close(&blocks);
}

static void test_superseded_records_cost_no_event_and_no_state(void **state)
{
	static struct world w;
	unsigned long lives = test_count("SPOOL_LIVES");
	struct spool_counts c;
	open_world(&w, *state);
	for (unsigned long life = 0; life < lives; life++) {
		begin_life(&w, life);
		live(&w);
		if (compare_hubs(&w, false) != 0)
			fail_msg("life %lu", life);
		check_balance(w.f);
	}
	spool_counts(w.f->spool, &c);
	print_message("%lu lives: %llu records, %llu superseded\n", lives,
		(unsigned long long)c.balance.kept, (unsigned long long)c.balance.superseded);
	assert_true(c.balance.superseded > c.balance.kept / 10);
	close_world(&w);
}

/* The control: were nothing to count, events would be missing. */
static void test_control_without_what_counts_events_are_missing(void **state)
{
	static struct world w;
	size_t differences = 0;
	open_world(&w, *state);
	is_control = true;
	for (unsigned long life = 0; life < 3; life++) {
		begin_life(&w, life);
		live(&w);
		differences += compare_hubs(&w, true);
	}
	is_control = false;
	assert_true(differences > 10);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test_fast(test_superseded_records_cost_no_event_and_no_state),
		fixture_test_fast(test_control_without_what_counts_events_are_missing),
	};
	return cmocka_run_group_tests_name("store/spool_supersede", tests, NULL, NULL);
}
