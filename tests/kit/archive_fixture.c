/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/archive_fixture.h"

/* Newest first, without the hub's finer points. */
static bool newest_wins(const struct archive_version *newer, const struct archive_version *shown)
{
	if (newer->read_at_ms != shown->read_at_ms)
		return newer->read_at_ms > shown->read_at_ms;
	return newer->seq != shown->seq ? newer->seq > shown->seq : newer->tie > shown->tie;
}

static uint64_t as_it_is(
	uint64_t read_at_ms, uint64_t received_at_ms, uint32_t age_ms, bool *is_suspect)
{
	*is_suspect = read_at_ms > received_at_ms;
	return *is_suspect ? received_at_ms - age_ms : read_at_ms;
}

const struct archive_rule rule = {.wins = newest_wins, .read_at = as_it_is};

void open_archive(struct fixture *f)
{
	char why[LIMIT_WHY] = "";
	struct archive_options o = {.dir = f->dir, .rule = &rule};
	int err = archive_open(&f->archive, &o, why, sizeof why);
	if (err < 0)
		fail_msg("archive_open: %s: %s", err_text(err), why);
}

void restart(struct fixture *f)
{
	archive_close(f->archive);
	open_archive(f);
}

int archive_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	(void)snprintf(f->dir, sizeof f->dir, "archive_test_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	memset(f->agent, 0xa1, sizeof f->agent);
	memset(f->key, 0x77, sizeof f->key);
	f->epoch = UINT64_C(0xf000000000000001); /* does not fit a signed number */
	buf_open(&f->body, LIMIT_BATCH_RAW);
	buf_open(&f->result.wanted, LIMIT_WANTED);
	open_archive(f);
	*state = f;
	return 0;
}

int archive_teardown(void **state)
{
	struct fixture *f = *state;
	archive_close(f->archive);
	buf_close(&f->body);
	buf_close(&f->result.wanted);
	help_forget(f->dir);
	free(f);
	return 0;
}

void order(struct fixture *f, const struct order *o)
{
	help_pack(&f->body, o);
	f->first = f->first == 0 ? o->seq : f->first;
	f->last = o->seq;
}

int put_open(struct fixture *f)
{
	struct archive_batch b = {.agent_id = f->agent,
		.public_key = f->key,
		.public_key_len = sizeof f->key,
		.account = TEXT("agent1"),
		.site = TEXT("Lyon"),
		.software = TEXT("platen/0.1.0"),
		.epoch = f->epoch,
		.first = f->first,
		.last = f->last,
		.received_at_ms = RECEIVED_MS + f->later_ms,
		.body = f->body.data,
		.body_len = f->body.len};
	int err = archive_put_batch(f->archive, &b, &f->result);
	buf_clear(&f->body);
	f->first = f->last = 0;
	return err;
}

int put(struct fixture *f)
{
	assert_int_equal(archive_begin(f->archive), 0);
	int err = put_open(f);
	assert_int_equal(archive_commit(f->archive), 0);
	return err;
}

int put_one(struct fixture *f, uint64_t seq, uint64_t read_at_ms, const char *key, uint64_t total)
{
	order(f, &(struct order){.seq = seq, .read_at_ms = read_at_ms, .key = key, .total = total});
	return put(f);
}
