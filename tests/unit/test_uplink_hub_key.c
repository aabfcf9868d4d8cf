/* SPDX-License-Identifier: Apache-2.0
 * Which key of a hub an agent trusts: the pinned one, one that it signs, one that was confirmed;
 * and no other, whatever the receipt says. */
#include "engine/uplink/hub_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct hub {
	struct crypto_key *key;
	uint8_t der[CRYPTO_PUBLIC_MAX];
	size_t len;
};

static char dir[32];
static struct hub old, fresh, other;

static void make(struct hub *h, const char *name)
{
	char path[64], why[LIMIT_WHY];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(crypto_key_open(&h->key, path, CRYPTO_ED25519, why, sizeof why), 0);
	int n = crypto_key_public(h->key, h->der);
	assert_true(n > 0);
	h->len = (size_t)n;
	assert_int_equal(unlink(path), 0);
}

static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "hub_key_XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	make(&old, "old");
	make(&fresh, "fresh");
	make(&other, "other");
	return rmdir(dir);
}

static int teardown(void **state)
{
	(void)state;
	crypto_key_close(old.key);
	crypto_key_close(fresh.key);
	crypto_key_close(other.key);
	return 0;
}

/* A receipt by `by`, with the statement of `before` over the key of `named`. */
struct made {
	struct receipt receipt;
	struct envelope envelope;
	uint8_t inner[1024], signature[CRYPTO_SIGNATURE_MAX], statement[CRYPTO_SIGNATURE_MAX];
};

static void state_key(struct made *m, const struct hub *before, const struct hub *named)
{
	uint8_t digest[DIGEST_BYTES], bytes[HUB_KEY_SIGNED_BYTES];
	assert_int_equal(crypto_sha256(named->der, named->len, digest), 0);
	hub_key_signed(bytes, digest);
	int n = crypto_sign(before->key, bytes, sizeof bytes, m->statement);
	assert_true(n > 0);
	m->receipt.old_key = before->der;
	m->receipt.old_key_len = before->len;
	m->receipt.old_signature = m->statement;
	m->receipt.old_signature_len = (size_t)n;
	m->receipt.old_alg = CRYPTO_ED25519;
}

static void make_receipt(
	struct made *m, const struct hub *by, const struct hub *before, const struct hub *named)
{
	uint8_t digest[DIGEST_BYTES], bytes[RECEIPT_SIGNED_BYTES];
	struct buf inner;
	memset(m, 0, sizeof *m);
	m->receipt.public_key = by->der;
	m->receipt.public_key_len = by->len;
	if (before != NULL)
		state_key(m, before, named);
	buf_over(&inner, m->inner, sizeof m->inner);
	assert_int_equal(receipt_pack(&inner, &m->receipt), 0);
	assert_int_equal(receipt_unpack(&m->receipt, inner.data, inner.len), 0);
	assert_int_equal(crypto_sha256(inner.data, inner.len, digest), 0);
	receipt_signed(bytes, digest);
	int n = crypto_sign(by->key, bytes, sizeof bytes, m->signature);
	assert_true(n > 0);
	m->envelope = (struct envelope){.alg = CRYPTO_ED25519,
		.head = m->inner,
		.head_len = inner.len,
		.signature = m->signature,
		.signature_len = (size_t)n};
	assert_int_equal(crypto_key_id(by->der, by->len, m->envelope.key_id), 0);
}

static struct hub_key pinned(const struct hub *h)
{
	struct hub_key k = {.len = h->len, .is_twice = true};
	memcpy(k.der, h->der, h->len);
	return k;
}

static int check(const struct hub_key *k, const struct made *m, bool may_pin)
{
	char why[LIMIT_WHY] = "";
	int trust = hub_key_check(k, &m->envelope, &m->receipt, may_pin, why, sizeof why);
	assert_int_equal(trust < 0, why[0] != '\0');
	return trust;
}

static void test_first_key_is_pinned_only_where_it_may_be(void **state)
{
	(void)state;
	struct made m;
	struct hub_key none = {.len = 0}, damaged = {.is_damaged = true};
	make_receipt(&m, &old, NULL, NULL);
	assert_int_equal(check(&none, &m, true), HUB_KEY_FIRST);
	assert_int_equal(check(&none, &m, false), ERR_KEY);
	assert_int_equal(check(&damaged, &m, true), ERR_KEY);
}

static void test_pinned_key_signs_its_successor(void **state)
{
	(void)state;
	struct made m;
	struct hub_key k = pinned(&old);
	make_receipt(&m, &old, NULL, NULL);
	assert_int_equal(check(&k, &m, true), HUB_KEY_PINNED);
	make_receipt(&m, &fresh, NULL, NULL);
	assert_int_equal(check(&k, &m, true), ERR_KEY);
	make_receipt(&m, &fresh, &old, &fresh);
	assert_int_equal(check(&k, &m, true), HUB_KEY_ROTATED);
}

static void test_forged_succession_is_refused(void **state)
{
	(void)state;
	struct made m;
	struct hub_key k = pinned(&old);
	make_receipt(&m, &fresh, &other, &fresh); /* another key signs it */
	assert_int_equal(check(&k, &m, true), ERR_KEY);
	make_receipt(&m, &other, &old, &fresh); /* a statement about another key */
	assert_int_equal(check(&k, &m, true), ERR_KEY);
	make_receipt(&m, &fresh, &old, &fresh);
	for (size_t i = 0; i < m.receipt.old_signature_len; i += 7) {
		struct made damaged = m;
		uint8_t statement[CRYPTO_SIGNATURE_MAX];
		memcpy(statement, m.receipt.old_signature, m.receipt.old_signature_len);
		statement[i] ^= 1;
		damaged.receipt.old_signature = statement;
		assert_int_equal(check(&k, &damaged, true), ERR_KEY);
	}
	m.receipt.old_alg = 9;
	assert_int_equal(check(&k, &m, true), ERR_KEY);
}

static void test_confirmed_key_is_trusted_and_no_other(void **state)
{
	(void)state;
	struct made m;
	struct hub_key k = pinned(&old);
	k.has_confirmed = true;
	assert_int_equal(crypto_sha256(fresh.der, fresh.len, k.confirmed), 0);
	make_receipt(&m, &fresh, NULL, NULL);
	assert_int_equal(check(&k, &m, false), HUB_KEY_CONFIRMED);
	make_receipt(&m, &other, NULL, NULL);
	assert_int_equal(check(&k, &m, true), ERR_KEY);
	make_receipt(&m, &old, NULL, NULL);
	assert_int_equal(check(&k, &m, true), HUB_KEY_PINNED);
}

static void test_signature_and_name_of_the_key_are_checked(void **state)
{
	(void)state;
	struct made m;
	struct hub_key k = pinned(&old);
	make_receipt(&m, &old, NULL, NULL);
	m.signature[3] ^= 1;
	assert_int_equal(check(&k, &m, true), ERR_SIGNATURE);
	make_receipt(&m, &old, NULL, NULL);
	m.envelope.key_id[0] ^= 1;
	assert_int_equal(check(&k, &m, true), ERR_KEY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_key_is_pinned_only_where_it_may_be),
		cmocka_unit_test(test_pinned_key_signs_its_successor),
		cmocka_unit_test(test_forged_succession_is_refused),
		cmocka_unit_test(test_confirmed_key_is_trusted_and_no_other),
		cmocka_unit_test(test_signature_and_name_of_the_key_are_checked),
	};
	return cmocka_run_group_tests_name("uplink/hub_key", tests, setup, teardown);
}
