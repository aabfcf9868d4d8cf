/* SPDX-License-Identifier: Apache-2.0
 * TLS on a conn. The BIO has no buffers: OpenSSL reads straight from the loop's read buffer and
 * writes straight to the socket; only what the kernel does not accept at once is copied to a buffer
 * of the pool, one write at a time. With SSL_MODE_RELEASE_BUFFERS an idle conn then holds none. */
#include "engine/loop/conn_internal.h"
#include "proto/base/str.h"

#include <openssl/err.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the BIO ---- */

int conn_bio_read(BIO *bio, char *dst, size_t want, size_t *got)
{
	struct conn *c = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	if (c->in_len == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	size_t n = want < c->in_len ? want : c->in_len;
	memcpy(dst, c->in, n);
	c->in += n;
	c->in_len -= n;
	*got = n;
	return 1;
}

static int later(struct conn *c, BIO *bio)
{
	if (!c->is_writing && list_is_empty(&c->starved))
		list_push(&c->net->starved, &c->starved);
	BIO_set_retry_write(bio);
	return 0;
}

int conn_bio_write(BIO *bio, const char *bytes, size_t len, size_t *taken)
{
	struct conn *c = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	if (c->is_writing)
		return later(c, bio);
	uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)(len < INT32_MAX ? len : INT32_MAX));
	int sent = uv_try_write(&c->handle.stream, &buf, 1);
	if (sent < 0 && sent != UV_EAGAIN) {
		c->io_err = loop_uv_err(sent);
		return 0;
	}
	size_t done = sent > 0 ? (size_t)sent : 0;
	if (done < len) {
		size_t rest = len - done < WIRE_BUFFER_BYTES ? len - done : WIRE_BUFFER_BYTES;
		uint8_t *wire = slab_take(&c->net->wire);
		if (wire == NULL && done == 0)
			return later(c, bio);
		if (wire != NULL) {
			memcpy(wire, bytes + done, rest);
			c->wire = wire;
			int err = conn_send(c, wire, rest);
			if (err < 0) {
				c->io_err = err;
				return 0;
			}
			done += rest;
		}
	}
	*taken = done;
	return 1;
}

long conn_bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	(void)bio;
	(void)num;
	(void)ptr;
	return cmd == BIO_CTRL_FLUSH ? 1 : 0; /* nothing is ever held back */
}

/* ---- bytes kept over a pause ---- */

uint8_t *conn_pop_stash(struct conn *c)
{
	uint8_t *bytes = c->stash;
	if (bytes != NULL)
		c->net->stashed_bytes -= c->stash_len;
	c->stash = NULL;
	return bytes;
}

void conn_drop_stash(struct conn *c)
{
	free(conn_pop_stash(c));
}

void conn_keep_stash(struct conn *c, const uint8_t *bytes, size_t len)
{
	if (len > LIMIT_STASH_BYTES - c->net->stashed_bytes || (c->stash = malloc(len)) == NULL) {
		conn_end(c, ERR_FULL, "too many bytes wait for paused connections");
		return;
	}
	memcpy(c->stash, bytes, len);
	c->stash_len = len;
	c->stash_at = 0;
	c->net->stashed_bytes += len;
}

static void keep_rest(struct conn *c)
{
	if (c->state != CONN_HANDSHAKE && c->state != CONN_OPEN)
		c->in_len = 0;
	if (c->in_len == 0)
		conn_drop_stash(c);
	else if (c->stash != NULL)
		c->stash_at = c->stash_len - c->in_len;
	else
		conn_keep_stash(c, c->in, c->in_len);
}

/* ---- the handshake, and reading ---- */

void conn_tls_close(struct conn *c)
{
	if (c->ssl == NULL)
		return;
	/* Without this OpenSSL treats the session as a broken one and never resumes it. */
	if (c->err == 0 || c->err == ERR_STOPPED || c->err == ERR_TIMEOUT)
		SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(c->ssl);
	c->ssl = NULL;
}

/* An operation of OpenSSL ended with `ret`: 0 it waits, 1 the peer sent close_notify, or an error.
 */
static int result_of(struct conn *c, int ret)
{
	int reason = SSL_get_error(c->ssl, ret);
	if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE)
		return 0;
	if (reason == SSL_ERROR_ZERO_RETURN)
		return 1;
	if (c->io_err < 0)
		return c->io_err;
	return reason == SSL_ERROR_SYSCALL
		       ? ERR_TLS
		       : tls_why_failed(c->why, sizeof c->why, c->ssl, c->is_client, c->host);
}

/* Checks the guarantees of on_open against the negotiated connection: certificate and version of a
 * server, the version alone of a printer. */
static bool is_peer_proven(const struct conn *c)
{
	if (!c->is_client)
		return true;
	if (SSL_version(c->ssl) < TLS1_2_VERSION)
		return false;
	return tls_is_for_printers(c->tls) || (SSL_get0_peer_certificate(c->ssl) != NULL &&
						      SSL_get_verify_result(c->ssl) == X509_V_OK);
}

static bool shake(struct conn *c)
{
	ERR_clear_error();
	int ret = SSL_do_handshake(c->ssl);
	if (ret != 1) {
		int err = result_of(c, ret);
		if (err == 1)
			err = ERR_CLOSED;
		if (err < 0)
			conn_end(c, err, NULL);
		return false;
	}
	if (!is_peer_proven(c)) {
		conn_end(c, ERR_TLS_UNTRUSTED, "the server did not prove who it is");
		return false;
	}
	if (c->is_client) /* a resumed session is not verified again */
		tls_note_certificate(c, SSL_get0_peer_certificate(c->ssl));
	return true;
}

static void decrypt(struct conn *c)
{
	struct net *net = c->net;
	while (c->state == CONN_OPEN && !c->is_paused) {
		size_t n = 0;
		ERR_clear_error();
		int ret = SSL_read_ex(c->ssl, net->plain, sizeof net->plain, &n);
		if (ret == 1) {
			if (c->events.on_bytes != NULL)
				c->events.on_bytes(c->owner, net->plain, n);
			continue;
		}
		int err = result_of(c, ret);
		if (err == 0)
			return;
		if (err == 1) {
			(void)SSL_shutdown(c->ssl); /* ours, if the socket accepts it at once */
			conn_end(c, 0, NULL);
		} else {
			conn_end(c, err, NULL);
		}
		return;
	}
}

void conn_tls_feed(struct conn *c, const uint8_t *bytes, size_t len)
{
	if (c->stash != NULL) {
		bytes = c->stash + c->stash_at;
		len = c->stash_len - c->stash_at;
	}
	c->in = bytes;
	c->in_len = len;
	if (c->state == CONN_HANDSHAKE && shake(c))
		conn_opened(c);
	decrypt(c);
	keep_rest(c);
	c->in = NULL;
	c->in_len = 0;
	conn_read_on(c);
}

/* ---- writing ---- */

int conn_tls_push(struct conn *c)
{
	for (unsigned slices = 0; c->out_len > 0; slices++) {
		if (c->is_writing)
			return 0;
		if (slices == SLICES_A_TURN) {
			conn_wake(c, TODO_WRITE);
			return 0;
		}
		size_t n = c->out_len < TLS_SLICE_BYTES ? c->out_len : TLS_SLICE_BYTES;
		size_t done = 0;
		ERR_clear_error();
		int ret = SSL_write_ex(c->ssl, c->out, n, &done);
		if (ret == 1) {
			c->out += done;
			c->out_len -= done;
			continue;
		}
		int err = result_of(c, ret);
		return err == 1 ? ERR_CLOSED : err;
	}
	return 1;
}

int conn_tls_shutdown(struct conn *c)
{
	ERR_clear_error();
	int ret = SSL_shutdown(c->ssl);
	return ret >= 0 ? 1 : result_of(c, ret);
}
