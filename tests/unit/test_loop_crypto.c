/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop/file.h"
#include "engine/loop/crypto.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];
static char path[128];
static char why[LIMIT_WHY];

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/platen-crypto-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/agent.key", dir);
	return 0;
}

static int remove_dir(void **state)
{
	char command[128];
	(void)state;
	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command);
}

static void put_file(const char *text, mode_t mode)
{
	(void)unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void test_digest(void **state)
{
	uint8_t digest[CRYPTO_SHA256];
	char hex[2 * CRYPTO_SHA256 + 1];
	(void)state;
	/* FIPS 180-4's example. */
	assert_int_equal(crypto_sha256("abc", 3, digest), 0);
	str_hex(hex, digest, sizeof digest);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(crypto_sha256("", 0, digest), 0);
	str_hex(hex, digest, sizeof digest);
	assert_string_equal(
		hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_random_and_compare(void **state)
{
	uint8_t a[32] = {0};
	uint8_t b[32] = {0};
	(void)state;
	assert_true(crypto_is_equal(a, b, sizeof a));
	assert_int_equal(crypto_random(a, sizeof a), 0);
	assert_int_equal(crypto_random(b, sizeof b), 0);
	assert_false(crypto_is_equal(a, b, sizeof a));
	crypto_wipe(a, sizeof a);
	memset(b, 0, sizeof b);
	assert_true(crypto_is_equal(a, b, sizeof a));
	a[31] = 1;
	assert_false(crypto_is_equal(a, b, sizeof a));
}

static void check_tampering(enum crypto_alg alg, const uint8_t *public_der, size_t public_len,
	uint8_t *sig, size_t sig_len)
{
	uint8_t text[] = "platen-batch-1 and more";
	for (size_t i = 0; i < sizeof text; i++) {
		text[i] ^= 1;
		assert_int_equal(
			crypto_verify(alg, public_der, public_len, text, sizeof text, sig, sig_len),
			ERR_SIGNATURE);
		text[i] ^= 1;
	}
	for (size_t i = 0; i < sig_len; i++) {
		sig[i] ^= 0x40;
		assert_int_equal(
			crypto_verify(alg, public_der, public_len, text, sizeof text, sig, sig_len),
			ERR_SIGNATURE);
		sig[i] ^= 0x40;
	}
	for (size_t n = 0; n < sig_len; n++)
		assert_int_equal(
			crypto_verify(alg, public_der, public_len, text, sizeof text, sig, n),
			ERR_SIGNATURE);
	assert_int_equal(
		crypto_verify(alg, public_der, public_len, text, sizeof text - 1, sig, sig_len),
		ERR_SIGNATURE);
	/* No prefix of a key is a key, nor one with something behind it. */
	uint8_t longer[CRYPTO_PUBLIC_MAX + 1] = {0};
	memcpy(longer, public_der, public_len);
	for (size_t n = 0; n <= sizeof longer; n++) {
		if (n != public_len)
			assert_int_equal(
				crypto_verify(alg, longer, n, text, sizeof text, sig, sig_len),
				ERR_KEY);
	}
	enum crypto_alg other = alg == CRYPTO_P256 ? CRYPTO_ED25519 : CRYPTO_P256;
	assert_int_equal(
		crypto_verify(other, public_der, public_len, text, sizeof text, sig, sig_len),
		ERR_KEY);
	assert_int_equal(
		crypto_verify(alg, public_der, public_len, text, sizeof text, sig, sig_len), 0);
}

static void test_signature_verifies_with_its_key_only(void **state)
{
	(void)state;
	for (enum crypto_alg alg = CRYPTO_ED25519; alg <= CRYPTO_P256; alg++) {
		struct crypto_key *key;
		uint8_t der[2][CRYPTO_PUBLIC_MAX];
		uint8_t id[2][CRYPTO_KEY_ID];
		uint8_t sig[CRYPTO_SIGNATURE_MAX];
		const uint8_t text[] = "platen-batch-1 and more";
		struct stat st;
		(void)unlink(path);
		assert_int_equal(crypto_key_open(&key, path, alg, why, sizeof why), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(crypto_key_alg(key), alg);
		int len = crypto_key_public(key, der[0]);
		assert_int_equal(len, alg == CRYPTO_P256 ? 91 : 44);
		assert_int_equal(crypto_key_id(der[0], (size_t)len, id[0]), 0);
		int sig_len = crypto_sign(key, text, sizeof text, sig);
		assert_true(sig_len > 0 && sig_len <= CRYPTO_SIGNATURE_MAX);
		crypto_key_close(key);
		/* The same key again from its file. */
		assert_int_equal(crypto_key_open(&key, path, alg, why, sizeof why), 0);
		assert_int_equal(crypto_key_public(key, der[1]), len);
		assert_memory_equal(der[0], der[1], (size_t)len);
		assert_int_equal(crypto_key_id(der[1], (size_t)len, id[1]), 0);
		assert_memory_equal(id[0], id[1], CRYPTO_KEY_ID);
		check_tampering(alg, der[0], (size_t)len, sig, (size_t)sig_len);
		crypto_key_close(key);
		/* Asked for the other algorithm it is not quietly replaced. */
		enum crypto_alg other = alg == CRYPTO_P256 ? CRYPTO_ED25519 : CRYPTO_P256;
		assert_int_equal(crypto_key_open(&key, path, other, why, sizeof why), ERR_KEY);
		assert_non_null(strstr(why, "algorithm"));
		assert_non_null(strstr(why, path));
		assert_int_equal(crypto_key_open(&key, path, CRYPTO_ANY, why, sizeof why), 0);
		assert_int_equal(crypto_key_alg(key), alg);
		crypto_key_close(key);
	}
	crypto_key_close(NULL);
}

/* RFC 8032 section 7.1, test 2. */
static void test_ed25519_vector(void **state)
{
	uint8_t der[CRYPTO_PUBLIC_MAX];
	uint8_t sig[CRYPTO_SIGNATURE_MAX];
	(void)state;
	const char *key = "302a300506032b6570032100"
			  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
	const char *good = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
			   "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
	int key_len = str_unhex(der, sizeof der, key, strlen(key));
	int sig_len = str_unhex(sig, sizeof sig, good, strlen(good));
	assert_int_equal(crypto_verify(CRYPTO_ED25519, der, (size_t)key_len,
				 (const uint8_t *)"\x72", 1, sig, (size_t)sig_len),
		0);
	assert_int_equal(crypto_verify(CRYPTO_ED25519, der, (size_t)key_len,
				 (const uint8_t *)"\x73", 1, sig, (size_t)sig_len),
		ERR_SIGNATURE);
}

static int may_open(const char *file)
{
	int fd = file_open_private(file, why, sizeof why);
	if (fd < 0) {
		assert_non_null(strstr(why, file));
		return fd;
	}
	return close(fd);
}

static void test_key_files(void **state)
{
	struct crypto_key *key;
	(void)state;
	const char *encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
				"MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi\n"
				"-----END ENCRYPTED PRIVATE KEY-----\n";
	const char *bad[] = {"", "not a key\n",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		/* encrypted: no passphrase is requested */
		encrypted};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		put_file(bad[i], 0600);
		assert_int_equal(
			crypto_key_open(&key, path, CRYPTO_ED25519, why, sizeof why), ERR_KEY);
		assert_non_null(strstr(why, path));
	}
	/* Readable by others, whatever is in it. */
	(void)unlink(path);
	assert_int_equal(crypto_key_open(&key, path, CRYPTO_ED25519, why, sizeof why), 0);
	crypto_key_close(key);
	const mode_t modes[] = {0604, 0620, 0660, 0602, 0644, 0601};
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(
			crypto_key_open(&key, path, CRYPTO_ED25519, why, sizeof why), ERR_KEY);
		assert_non_null(strstr(why, "chmod 0600"));
	}
	/* A group of one's own may read it, as Debian's ssl-cert does. */
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(may_open(path), 0);
	assert_int_equal(chmod(path, 0644), 0);
	/* Handed over by systemd: its directory is the protection. */
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
	assert_int_equal(may_open(path), 0);
	char around[160];
	(void)snprintf(around, sizeof around, "%s/../%s/agent.key", dir, dir + 5);
	assert_int_equal(may_open(around), 0);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(may_open(path), 0);
	assert_int_equal(may_open(dir), ERR_KEY);
	/* No place for it. */
	char nowhere[160];
	(void)snprintf(nowhere, sizeof nowhere, "%s/none/agent.key", dir);
	assert_int_equal(crypto_key_open(&key, nowhere, CRYPTO_ED25519, why, sizeof why), -ENOENT);
	assert_int_equal(may_open(nowhere), -ENOENT);
	/* A file left behind by an interrupted start does not matter, and nothing is left now. */
	char fresh[160];
	(void)snprintf(fresh, sizeof fresh, "%s.new", path);
	(void)unlink(path);
	assert_int_equal(symlink("/nonexistent", fresh), 0);
	assert_int_equal(crypto_key_open(&key, path, CRYPTO_P256, why, sizeof why), 0);
	crypto_key_close(key);
	assert_int_equal(access(fresh, F_OK), -1);
}

static void test_scrypt(void **state)
{
	uint8_t a[CRYPTO_SHA256];
	uint8_t b[CRYPTO_SHA256];
	char hex[2 * CRYPTO_SHA256 + 1];
	(void)state;
	assert_int_equal(crypto_scrypt("secret", 6, (const uint8_t *)"0123456789abcdef", 16, a), 0);
	/* hashlib.scrypt(b"secret", salt=b"0123456789abcdef", n=2**15, r=8, p=1, dklen=32) */
	str_hex(hex, a, sizeof a);
	assert_string_equal(
		hex, "36e8bff7c10ab139770f269220fcf74af0117b462a52d7d45645fc71f8eabd36");
	assert_int_equal(crypto_scrypt("secres", 6, (const uint8_t *)"0123456789abcdef", 16, b), 0);
	assert_false(crypto_is_equal(a, b, sizeof a));
	assert_int_equal(crypto_scrypt("secret", 6, (const uint8_t *)"1123456789abcdef", 16, b), 0);
	assert_false(crypto_is_equal(a, b, sizeof a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_random_and_compare),
		cmocka_unit_test(test_signature_verifies_with_its_key_only),
		cmocka_unit_test(test_ed25519_vector),
		cmocka_unit_test(test_key_files),
		cmocka_unit_test(test_scrypt),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
