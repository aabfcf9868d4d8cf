/* SPDX-License-Identifier: Apache-2.0
 * PEM files of a TLS context, read by us and not by OpenSSL: a pipe or a device in their place is
 * refused and never waited for. */
#include "engine/loop/tls_file.h"

#include "engine/loop/crypto_internal.h"
#include "engine/loop/file.h"
#include "proto/base/buf.h"
#include "proto/base/limits.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdio.h>
#include <unistd.h>

/* A BIO over what `fd` holds; the caller frees it, then the buffer. */
static int read_pem(struct buf *bytes, BIO **bio, int fd)
{
	buf_open(bytes, LIMIT_PEM_BYTES + 1);
	int err = file_read(bytes, fd);
	(void)close(fd);
	*bio = err == 0 ? BIO_new_mem_buf(bytes->data, (int)bytes->len) : NULL;
	return err == 0 && *bio == NULL ? ERR_CRYPTO : err;
}

static void forget(struct buf *bytes, BIO *bio)
{
	BIO_free(bio);
	if (bytes->data != NULL)
		crypto_wipe(bytes->data, bytes->cap);
	buf_close(bytes);
}

static int say(char *why, size_t cap, int err, const char *what, const char *file)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
	(void)snprintf(why, cap, "%s %s: %s", what, file, reason != NULL ? reason : err_text(err));
	ERR_clear_error();
	return err;
}

static int put_in_store(X509_STORE *store, BIO *bio, int *certificates, int *lists)
{
	int err = 0;
	STACK_OF(X509_INFO) *all = PEM_X509_INFO_read_bio(bio, NULL, crypto_no_passphrase, NULL);
	if (all == NULL)
		return ERR_KEY;
	for (int i = 0; err == 0 && i < sk_X509_INFO_num(all); i++) {
		const X509_INFO *one = sk_X509_INFO_value(all, i);
		if (one->x509 != NULL) {
			*certificates += 1;
			err = X509_STORE_add_cert(store, one->x509) == 1 ? 0 : ERR_KEY;
		}
		if (err == 0 && one->crl != NULL) {
			*lists += 1;
			err = X509_STORE_add_crl(store, one->crl) == 1 ? 0 : ERR_KEY;
		}
	}
	sk_X509_INFO_pop_free(all, X509_INFO_free);
	return err;
}

int tls_file_trust(SSL_CTX *ctx, const char *file, bool is_crl, char *why, size_t why_cap)
{
	const char *what = is_crl ? "cannot read the revocation list"
				  : "cannot read the trusted certificates in";
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	struct buf bytes;
	BIO *bio;
	int certificates = 0, lists = 0;
	int fd = file_open_regular(file, why, why_cap);
	if (fd < 0)
		return ERR_KEY;
	ERR_clear_error();
	int err = read_pem(&bytes, &bio, fd);
	if (err == 0)
		err = put_in_store(store, bio, &certificates, &lists);
	if (err == 0 && (is_crl ? lists : certificates) == 0)
		err = ERR_KEY;
	forget(&bytes, bio);
	if (err == 0 && is_crl &&
		X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) != 1)
		err = ERR_CRYPTO;
	return err < 0 ? say(why, why_cap, ERR_KEY, what, file) : 0;
}

/* Our own certificate, then those of its authorities. */
static int use_chain(SSL_CTX *ctx, BIO *bio)
{
	X509 *cert = PEM_read_bio_X509_AUX(bio, NULL, crypto_no_passphrase, NULL);
	int ok = cert != NULL ? SSL_CTX_use_certificate(ctx, cert) : 0;
	X509_free(cert);
	while (ok == 1 &&
		(cert = PEM_read_bio_X509(bio, NULL, crypto_no_passphrase, NULL)) != NULL) {
		ok = SSL_CTX_add0_chain_cert(ctx, cert) == 1 ? 1 : 0;
		if (ok != 1)
			X509_free(cert);
	}
	if (ok != 1 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return ERR_KEY; /* not the end of the file */
	ERR_clear_error();
	return 0;
}

static int use_key(SSL_CTX *ctx, BIO *bio)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, crypto_no_passphrase, NULL);
	int ok = key != NULL ? SSL_CTX_use_PrivateKey(ctx, key) : 0;
	EVP_PKEY_free(key);
	return ok == 1 && SSL_CTX_check_private_key(ctx) == 1 ? 0 : ERR_KEY;
}

int tls_file_identity(
	SSL_CTX *ctx, const char *cert_file, const char *key_file, char *why, size_t why_cap)
{
	struct buf bytes;
	BIO *bio;
	int key_fd = file_open_private(key_file, why, why_cap);
	if (key_fd < 0)
		return key_fd;
	int fd = file_open_regular(cert_file, why, why_cap);
	if (fd < 0) {
		(void)close(key_fd);
		return ERR_KEY;
	}
	ERR_clear_error();
	int err = read_pem(&bytes, &bio, fd);
	if (err == 0)
		err = use_chain(ctx, bio);
	forget(&bytes, bio);
	if (err < 0) {
		(void)close(key_fd);
		return say(why, why_cap, ERR_KEY, "cannot use the certificate in", cert_file);
	}
	err = read_pem(&bytes, &bio, key_fd);
	if (err == 0)
		err = use_key(ctx, bio);
	forget(&bytes, bio);
	return err < 0 ? say(why, why_cap, ERR_KEY, "cannot use the private key in", key_file) : 0;
}
