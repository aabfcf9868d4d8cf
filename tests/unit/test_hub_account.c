/* SPDX-License-Identifier: Apache-2.0
 * Authentication: agents by their generated secret, people by scrypt; the same work for users that
 * do not exist; failures that rest; a queue that is bounded; failures that lock no agent out. */
#include "engine/hub/account.h"
#include "engine/hub/credential.h"
#include "engine/hub/merge.h"
#include "tests/kit/archive_records.h"

struct fixture {
	char dir[64];
	struct archive *archive;
	struct archive_view *view;
	struct loop *loop;
	struct workers *workers;
	struct accounts *accounts;
	char secret[CREDENTIAL_SECRET];
	struct account_check check;
	int err;
	int calls;
};

static void add(struct fixture *f, const char *name, enum archive_role role, const char *secret)
{
	char why[LIMIT_WHY];
	struct archive_account a;
	assert_int_equal(credential_set(&a, name, role, secret, 1, why, sizeof why), 0);
	assert_int_equal(archive_put_account(f->archive, &a), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	char why[LIMIT_WHY] = "";
	assert_non_null(f);
	(void)snprintf(f->dir, sizeof f->dir, "account_test_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	struct archive_options o = {.dir = f->dir, .rule = &merge_rule};
	assert_int_equal(archive_open(&f->archive, &o, why, sizeof why), 0);
	assert_int_equal(archive_view_open(&f->view, f->dir, why, sizeof why), 0);
	assert_int_equal(loop_open(&f->loop, 8), 0);
	assert_int_equal(workers_open(&f->workers, f->loop), 0);
	assert_int_equal(accounts_open(&f->accounts, f->loop, f->workers, f->view), 0);
	assert_int_equal(credential_make(f->secret), 0);
	add(f, "agent1", ROLE_AGENT, f->secret);
	add(f, "ann", ROLE_OPERATOR, "correct horse");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	workers_close(f->workers);
	assert_int_equal(loop_run(f->loop), 0);
	accounts_close(f->accounts);
	assert_int_equal(loop_close(f->loop), 0);
	archive_view_close(f->view);
	archive_close(f->archive);
	help_forget(f->dir);
	free(f);
	return 0;
}

static void on_checked(struct account_check *check, int err)
{
	struct fixture *f = container_of(check, struct fixture, check);
	static const char nothing[sizeof check->password];
	assert_memory_equal(check->password, nothing, sizeof nothing);
	f->err = err;
	f->calls++;
}

static void fill(struct account_check *c, const char *user, const char *password)
{
	memset(c, 0, sizeof *c);
	(void)snprintf(c->user, sizeof c->user, "%s", user);
	(void)snprintf(c->password, sizeof c->password, "%s", password);
	c->on_checked = on_checked;
}

static int check_login(struct fixture *f, const char *user, const char *password)
{
	fill(&f->check, user, password);
	f->calls = 0;
	int err = account_check(f->accounts, &f->check);
	if (err < 0) {
		assert_int_equal(f->check.password[0], '\0');
		return err;
	}
	assert_int_equal(f->calls, 0); /* never inside the call */
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->calls, 1);
	return f->err;
}

/* ---- credentials ---- */

static void test_secrets_have_one_format(void **state)
{
	struct fixture *f = *state;
	char other[CREDENTIAL_SECRET];
	assert_int_equal(strlen(f->secret), CREDENTIAL_SECRET - 1);
	assert_int_equal(credential_make(other), 0);
	assert_string_not_equal(f->secret, other);
	assert_true(credential_is_machine(f->secret));
	other[10] = '1'; /* not in the alphabet */
	assert_false(credential_is_machine(other));
	assert_false(credential_is_machine("platen-"));
	assert_false(credential_is_machine(""));
	assert_false(credential_is_machine("PLATEN-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	assert_true(credential_is_machine("platen-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	assert_false(credential_is_machine("platen-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void test_secret_format_depends_on_the_role(void **state)
{
	struct fixture *f = *state;
	struct archive_account a;
	char why[LIMIT_WHY] = "";
	char longer[LIMIT_PASSWORD + 2];
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(
		credential_set(&a, "x", ROLE_AGENT, "secret12", 1, why, sizeof why), ERR_FORMAT);
	assert_int_equal(
		credential_set(&a, "x", ROLE_VIEWER, f->secret, 1, why, sizeof why), ERR_FORMAT);
	assert_int_equal(
		credential_set(&a, "x", ROLE_VIEWER, "short", 1, why, sizeof why), ERR_FORMAT);
	assert_int_equal(
		credential_set(&a, "x", ROLE_VIEWER, longer, 1, why, sizeof why), ERR_FORMAT);
	assert_int_equal(
		credential_set(&a, "", ROLE_AGENT, f->secret, 1, why, sizeof why), ERR_FORMAT);
	assert_int_equal(
		credential_set(&a, "a b", ROLE_AGENT, f->secret, 1, why, sizeof why), ERR_FORMAT);
	assert_int_equal(
		credential_set(&a, longer, ROLE_AGENT, f->secret, 1, why, sizeof why), ERR_FORMAT);
	assert_true(strlen(why) > 10);
	assert_int_equal(
		credential_set(&a, "a.b-c_d@e", ROLE_AGENT, f->secret, 9, why, sizeof why), 0);
	assert_int_equal(a.scheme, SCHEME_SHA256);
	assert_int_equal(a.created_at_ms, 9);
	assert_int_equal(credential_matches(&a, f->secret), 1);
	assert_int_equal(credential_matches(NULL, f->secret), 0);
	assert_int_equal(credential_role_from("viewer"), ROLE_VIEWER);
	assert_int_equal(credential_role_from("root"), ERR_FORMAT);
	assert_string_equal(credential_role_name(ROLE_OPERATOR), "operator");
	assert_string_equal(credential_role_name((enum archive_role)9), "unknown");
}

/* ---- checks ---- */

static void test_credentials_give_the_role(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(check_login(f, "agent1", f->secret), 0);
	assert_int_equal(f->check.role, ROLE_AGENT);
	assert_int_equal(check_login(f, "ann", "correct horse"), 0);
	assert_int_equal(f->check.role, ROLE_OPERATOR);
	assert_int_equal(check_login(f, "ann", "correct horsf"), ERR_AUTH);
	assert_int_equal(check_login(f, "ann", ""), ERR_AUTH);
	assert_int_equal(check_login(f, "unknown-user", "correct horse"), ERR_AUTH);
	assert_int_equal(check_login(f, "unknown-user", f->secret), ERR_AUTH);
	assert_int_equal(check_login(f, "", ""), ERR_AUTH);
	/* The right kind of secret for the other kind of user. */
	assert_int_equal(check_login(f, "ann", f->secret), ERR_AUTH);
	assert_int_equal(check_login(f, "agent1", "correct horse"), ERR_AUTH);
	assert_int_equal(accounts_counts(f->accounts)->failed, 7);
}

static void test_new_secret_replaces_the_old_one(void **state)
{
	struct fixture *f = *state;
	char second[CREDENTIAL_SECRET];
	assert_int_equal(credential_make(second), 0);
	add(f, "agent1", ROLE_AGENT, second);
	assert_int_equal(check_login(f, "agent1", f->secret), ERR_AUTH);
	assert_int_equal(check_login(f, "agent1", second), 0);
}

static void test_failed_logins_lock_a_person_out(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < LIMIT_LOGIN_FAILS; i++)
		assert_int_equal(check_login(f, "ann", "wrong wrong"), ERR_AUTH);
	assert_int_equal(check_login(f, "ann", "correct horse"), ERR_UNAVAILABLE);
	assert_int_equal(f->calls, 0); /* at once, unlooked */
	assert_in_range(f->check.retry_after_s, 1, LIMIT_LOGIN_REST_MS / 1000 + 1);
	assert_int_equal(accounts_counts(f->accounts)->rested, 1);
	/* No other user does. */
	assert_int_equal(check_login(f, "agent1", f->secret), 0);
	assert_int_equal(check_login(f, "bob", "wrong wrong"), ERR_AUTH);
}

static void test_failed_logins_do_not_lock_an_agent(void **state)
{
	struct fixture *f = *state;
	char wrong[CREDENTIAL_SECRET];
	memcpy(wrong, f->secret, sizeof wrong);
	wrong[20] = wrong[20] == 'a' ? 'b' : 'a';
	for (int i = 0; i < LIMIT_LOGIN_FAILS; i++)
		assert_int_equal(check_login(f, "agent1", wrong), ERR_AUTH);
	for (int i = 0; i < 50; i++)
		assert_int_equal(check_login(f, "agent1", wrong), ERR_UNAVAILABLE);
	assert_true(f->check.retry_after_s > 0);
	assert_int_equal(check_login(f, "agent1", f->secret), 0);
}

static void test_failure_table_is_bounded(void **state)
{
	struct fixture *f = *state;
	char wrong[CREDENTIAL_SECRET];
	char name[32];
	memcpy(wrong, f->secret, sizeof wrong);
	wrong[20] = wrong[20] == 'a' ? 'b' : 'a';
	for (int i = 0; i < LIMIT_LOGIN_FAILS; i++)
		assert_int_equal(check_login(f, "victim", wrong), ERR_AUTH);
	for (int i = 0; i < 2 * LIMIT_LOGIN_USERS; i++) {
		(void)snprintf(name, sizeof name, "user%d", i);
		assert_int_equal(check_login(f, name, wrong), ERR_AUTH);
	}
	/* Those with few failures were forgotten for the others, not the one with many. */
	assert_int_equal(check_login(f, "victim", wrong), ERR_UNAVAILABLE);
}

static int crowd_left;

static void on_crowd(struct account_check *check, int err)
{
	assert_true(err == ERR_AUTH || err == ERR_STOPPED);
	assert_int_equal(check->password[0], '\0');
	crowd_left--;
}

static void test_check_queue_is_bounded(void **state)
{
	struct fixture *f = *state;
	static struct account_check crowd[LIMIT_HASHES_WAITING + 1];
	int taken = 0;
	for (size_t i = 0; i < LIMIT_HASHES_WAITING + 1; i++) {
		char name[16];
		(void)snprintf(name, sizeof name, "u%zu", i);
		fill(&crowd[i], name, "wrong wrong");
		crowd[i].on_checked = on_crowd;
		int err = account_check(f->accounts, &crowd[i]);
		if (i == LIMIT_HASHES_WAITING) {
			assert_int_equal(err, ERR_UNAVAILABLE);
			assert_true(crowd[i].retry_after_s > 0);
		} else {
			assert_int_equal(err, 0);
			taken++;
		}
	}
	crowd_left = taken;
	assert_int_equal(accounts_counts(f->accounts)->crowded, 1);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(crowd_left, 0);
	assert_int_equal(check_login(f, "ann", "correct horse"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_secrets_have_one_format),
		TEST(test_secret_format_depends_on_the_role),
		TEST(test_credentials_give_the_role),
		TEST(test_new_secret_replaces_the_old_one),
		TEST(test_failed_logins_lock_a_person_out),
		TEST(test_failed_logins_do_not_lock_an_agent),
		TEST(test_failure_table_is_bounded),
		TEST(test_check_queue_is_bounded),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
