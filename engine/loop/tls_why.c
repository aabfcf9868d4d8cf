/* SPDX-License-Identifier: Apache-2.0
 * A certificate error of OpenSSL, as one sentence for the person who can repair it: whose
 * certificate, from whom, since when, and what to do. */
#include "engine/loop/conn_internal.h"
#include "proto/base/str.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NAME_CAP = LIMIT_CERT_NAME, DATE_CAP = 24 };

#define NO_CA ", leads to no CA we trust: add that CA to the CA file, or send the whole chain"

void tls_why_name(char dst[LIMIT_CERT_NAME], const X509_NAME *name)
{
	uint8_t *text = NULL;
	long len = 0;
	BIO *mem = BIO_new(BIO_s_mem());
	(void)str_copy(dst, NAME_CAP, "no name");
	if (mem == NULL)
		return;
	if (X509_NAME_print_ex(mem, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) > 0 &&
		(len = BIO_get_mem_data(mem, &text)) > 0)
		(void)str_scrub(dst, NAME_CAP, text, (size_t)len);
	BIO_free(mem);
}

static void put_date(char dst[DATE_CAP], const ASN1_TIME *t)
{
	struct tm tm;
	(void)str_copy(dst, DATE_CAP, "an unknown date");
	if (t != NULL && ASN1_TIME_to_tm(t, &tm) == 1)
		(void)strftime(dst, DATE_CAP, "%Y-%m-%d %H:%M UTC", &tm);
}

/* The names that a certificate is for, as far as they fit. */
static void put_alternatives(char *dst, size_t cap, const X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	size_t at = 0;
	dst[0] = '\0';
	for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		char one[NAME_CAP] = "";
		if (name->type == GEN_DNS)
			(void)str_scrub(one, sizeof one, ASN1_STRING_get0_data(name->d.dNSName),
				(size_t)ASN1_STRING_length(name->d.dNSName));
		else if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 4)
			(void)uv_inet_ntop(
				AF_INET, ASN1_STRING_get0_data(name->d.iPAddress), one, sizeof one);
		else if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 16)
			(void)uv_inet_ntop(AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress), one,
				sizeof one);
		if (one[0] == '\0' || at + strlen(one) + 3 > cap)
			continue;
		at += (size_t)snprintf(dst + at, cap - at, "%s%s", at > 0 ? ", " : "", one);
	}
	GENERAL_NAMES_free(names);
	if (at == 0)
		(void)str_copy(dst, cap, "no name in subjectAltName");
}

/* The meaning of an error of OpenSSL, and how the sentence about it goes on behind the subject's
 * name: `before`, then the issuer's name or a date, then `after`. */
static const struct explanation {
	int x509;
	int err;
	const char *before, *after; /* after NULL: nothing is named in between */
} explanations[] = {
	{X509_V_ERR_CERT_HAS_EXPIRED, ERR_TLS_EXPIRED, " expired on ", ": renew it at the server"},
	{X509_V_ERR_CERT_NOT_YET_VALID, ERR_TLS_EXPIRED, " is valid only from ",
		" on: check this machine's clock"},
	{X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, ERR_TLS_EXPIRED, " has no valid date", NULL},
	{X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, ERR_TLS_EXPIRED, " has no valid date", NULL},
	{X509_V_ERR_HOSTNAME_MISMATCH, ERR_TLS_NAME, NULL, NULL},
	{X509_V_ERR_IP_ADDRESS_MISMATCH, ERR_TLS_NAME, NULL, NULL},
	{X509_V_ERR_CERT_REVOKED, ERR_TLS_REVOKED, " was revoked by ", ": do not trust it"},
	{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, ERR_TLS_UNTRUSTED,
		" is self-signed and not trusted here: add it to the CA file"
		" if it is the right one",
		NULL},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, ERR_TLS_UNTRUSTED, ", issued by ", NO_CA},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, ERR_TLS_UNTRUSTED, ", issued by ", NO_CA},
	{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, ERR_TLS_UNTRUSTED, ", issued by ", NO_CA},
	{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, ERR_TLS_UNTRUSTED, ", issued by ", NO_CA},
	{X509_V_ERR_INVALID_PURPOSE, ERR_TLS_UNTRUSTED, " is not meant for a TLS server", NULL},
	{X509_V_ERR_APPLICATION_VERIFICATION, ERR_TLS_PIN, ", issued by ",
		": no key of its chain is one of hub.spki_pin"},
	{X509_V_ERR_UNABLE_TO_GET_CRL, ERR_TLS_UNTRUSTED, ": the CRL file holds no list of ",
		": add it"},
	{X509_V_ERR_CRL_HAS_EXPIRED, ERR_TLS_UNTRUSTED, ": the revocation list of ",
		" is out of date: fetch it again"},
	{X509_V_OK, ERR_TLS_UNTRUSTED, ", issued by ", ": "}, /* any other: OpenSSL's words */
};

static const struct explanation *explanation_of(long x509)
{
	const struct explanation *v = explanations;
	while (v->x509 != X509_V_OK && v->x509 != x509)
		v++;
	return v;
}

void tls_why_certificate(char *why, size_t cap, const char *host, X509_STORE_CTX *store)
{
	const X509 *cert = X509_STORE_CTX_get_current_cert(store);
	int code = X509_STORE_CTX_get_error(store);
	const struct explanation *v = explanation_of(code);
	char subject[NAME_CAP] = "no name", issuer[NAME_CAP] = "no name";
	char named[NAME_CAP + 2] = "";
	if (cert != NULL) {
		tls_why_name(subject, X509_get_subject_name(cert));
		tls_why_name(issuer, X509_get_issuer_name(cert));
	}
	if (v->err == ERR_TLS_NAME) {
		if (cert != NULL)
			put_alternatives(named, sizeof named, cert);
		(void)snprintf(why, cap,
			"the certificate is for %s, not for %.90s: use its name, or renew it with "
			"this one",
			named, host);
		return;
	}
	if (code == X509_V_ERR_CERT_HAS_EXPIRED)
		put_date(named, cert != NULL ? X509_get0_notAfter(cert) : NULL);
	else if (code == X509_V_ERR_CERT_NOT_YET_VALID)
		put_date(named, cert != NULL ? X509_get0_notBefore(cert) : NULL);
	else if (v->after != NULL)
		(void)snprintf(named, sizeof named, "\"%s\"", issuer);
	(void)snprintf(why, cap, "the certificate \"%s\"%s%s%s%s", subject, v->before, named,
		v->after != NULL ? v->after : "",
		v->x509 == X509_V_OK ? X509_verify_cert_error_string(code) : "");
}

int tls_why_failed(char *why, size_t cap, SSL *ssl, bool is_client, const char *host)
{
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_REASON(code);
	const char *text = ERR_reason_error_string(code);
	if (ERR_GET_LIB(code) != ERR_LIB_SSL)
		reason = 0;
	switch (reason) {
	case SSL_R_CERTIFICATE_VERIFY_FAILED:
		return explanation_of(SSL_get_verify_result(ssl))->err;
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
		(void)snprintf(why, cap, "%s offers no TLS 1.2 or newer: update it",
			is_client ? host : "the client");
		return ERR_TLS_VERSION;
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_HTTPS_PROXY_REQUEST:
		(void)snprintf(why, cap, "what the peer speaks is not TLS: is it the right port?");
		return ERR_TLS;
	default:
		break;
	}
	if (reason >= SSL_AD_REASON_OFFSET)
		(void)snprintf(why, cap, "the peer refused the connection: %s",
			text != NULL ? text : "an unknown alert");
	else
		(void)snprintf(why, cap, "TLS failed: %s", text != NULL ? text : "unknown reason");
	return ERR_TLS;
}
