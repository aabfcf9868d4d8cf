/* SPDX-License-Identifier: Apache-2.0
 * Key files: loading one, and making one so that after a power cut there is either no key or a
 * whole one, and never a moment in which others could read it. */
#include "engine/loop/file.h"
#include "engine/loop/crypto_internal.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(char *why, size_t cap, int err, const char *path, const char *what)
{
	(void)snprintf(why, cap, "key file %s: %s", path, what != NULL ? what : err_text(err));
	ERR_clear_error();
	return err;
}

/* ---- loading ---- */

int crypto_no_passphrase(char *buf, int size, int is_writing, void *data)
{
	(void)buf;
	(void)size;
	(void)is_writing;
	(void)data;
	return -1;
}

/* -ENOENT if there is no file. */
static int load(EVP_PKEY **ret, const char *path, enum crypto_alg alg, char *why, size_t cap)
{
	int fd = file_open_private(path, why, cap);
	if (fd < 0)
		return fd;
	FILE *file = fdopen(fd, "r");
	if (file == NULL) {
		int err = -errno;
		(void)close(fd);
		return fail(why, cap, err, path, NULL);
	}
	EVP_PKEY *pkey = PEM_read_PrivateKey(file, NULL, crypto_no_passphrase, NULL);
	(void)fclose(file); /* only read from */
	if (pkey == NULL)
		return fail(why, cap, ERR_KEY, path, "holds no PEM private key");
	if (!crypto_is_alg(pkey, alg)) {
		bool is_other = alg == CRYPTO_P256 && crypto_is_alg(pkey, CRYPTO_ED25519);
		EVP_PKEY_free(pkey);
		return fail(why, cap, ERR_KEY, path,
			is_other ? "holds a key of another algorithm, Ed25519, which fips: on "
				   "does not take; the hub pins one key for an agent, so "
				   "give it a new state_dir"
				 : "holds a key of another algorithm");
	}
	*ret = pkey;
	return 0;
}

/* ---- making ---- */

static int sync_dir_of(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int n = slash == NULL ? 0 : (int)(slash - path) + 1;
	if (snprintf(dir, sizeof dir, "%.*s.", n, path) >= (int)sizeof dir)
		return -ENAMETOOLONG;
	return file_sync_dir(dir);
}

static int save(const char *path, const char *pem, size_t len)
{
	int err = file_replace(path, pem, len);
	return err < 0 ? err : sync_dir_of(path);
}

static int make(EVP_PKEY **ret, const char *path, enum crypto_alg alg, char *why, size_t cap)
{
	EVP_PKEY *pkey =
		alg == CRYPTO_P256 ? EVP_EC_gen("P-256") : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *mem = BIO_new(BIO_s_mem());
	char *pem = NULL;
	long len = 0;
	int err = ERR_CRYPTO;
	if (pkey != NULL && mem != NULL &&
		PEM_write_bio_PKCS8PrivateKey(mem, pkey, NULL, NULL, 0, NULL, NULL) == 1 &&
		(len = BIO_get_mem_data(mem, &pem)) > 0) {
		err = save(path, pem, (size_t)len);
		OPENSSL_cleanse(pem, (size_t)len);
	}
	BIO_free(mem);
	if (err < 0) {
		EVP_PKEY_free(pkey);
		return fail(why, cap, err, path, err == ERR_CRYPTO ? "cannot make a key" : NULL);
	}
	*ret = pkey;
	return 0;
}

int crypto_key_open(
	struct crypto_key **ret, const char *path, enum crypto_alg alg, char *why, size_t why_cap)
{
	struct crypto_key *k = calloc(1, sizeof *k);
	if (k == NULL)
		return fail(why, why_cap, -ENOMEM, path, NULL);
	int err = load(&k->pkey, path, alg, why, why_cap);
	if (err == -ENOENT)
		err = make(&k->pkey, path, alg, why, why_cap);
	if (err < 0) {
		free(k);
		return err;
	}
	k->alg = crypto_is_alg(k->pkey, CRYPTO_P256) ? CRYPTO_P256 : CRYPTO_ED25519;
	*ret = k;
	return 0;
}

void crypto_key_close(struct crypto_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey); /* wipes the private part */
	free(k);
}
