/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const level_names[3] = {"noauth", "auth", "priv"};

int users_open(struct users *u)
{
	*u = (struct users){.generation = 1};
	u->keys = calloc(USERS_KEYS, sizeof *u->keys);
	if (u->keys == NULL)
		return -ENOMEM;
	int err = crypto_open(&u->crypto);
	if (err < 0)
		users_close(u);
	return err;
}

void users_close(struct users *u)
{
	crypto_close(&u->crypto);
	free(u->keys);
	u->keys = NULL;
	u->count = 0;
}

static int find_name(const char *text, const char *const *names, size_t count)
{
	for (size_t i = 0; text != NULL && i < count; i++)
		if (strcmp(names[i], text) == 0)
			return (int)i;
	return -1;
}

static int fail(char why[LIMIT_WHY], const char *text)
{
	snprintf(why, LIMIT_WHY, "%s", text);
	return ERR_USAGE;
}

/* Sets all fields but the printers. */
static int make_user(
	struct users *u, const struct user_text *t, struct user *ret, char why[LIMIT_WHY])
{
	size_t len = t->name == NULL ? 0 : strlen(t->name);
	if (len == 0 || len > USERS_NAME)
		return fail(why, "user: name of 1 to 32 bytes expected");
	memcpy(ret->name, t->name, len + 1);
	ret->name_len = (uint8_t)len;
	int auth = find_name(t->auth, crypto_auth_names, CRYPTO_AUTHS);
	int priv = find_name(t->priv, crypto_priv_names, CRYPTO_PRIVS);
	if (auth < 0)
		return fail(why, "auth: none md5 sha1 sha224 sha256 sha384 sha512");
	if (priv < 0 || (priv > 0 && auth == 0))
		return fail(why, "priv: none des aes128 aes192 aes256 aes192c aes256c; needs auth");
	ret->auth = (uint8_t)auth;
	ret->priv = (uint8_t)priv;
	int most = priv > 0 ? LEVEL_PRIV : auth > 0 ? LEVEL_AUTH : LEVEL_NONE;
	bool has_min = t->min_level != NULL && t->min_level[0] != '\0';
	int least = has_min ? find_name(t->min_level, level_names, 3) : most;
	if (least < 0 || least > most)
		return fail(why, "level: noauth, auth or priv, not above the user's protocols");
	ret->min_level = (uint8_t)least;
	const char *pass[2] = {t->auth_pass, t->priv_pass};
	for (int i = 0; i < 2; i++) {
		if ((i == 0 ? auth : priv) == 0)
			continue;
		if (pass[i] == NULL || strlen(pass[i]) < 8)
			return fail(why, "a passphrase needs 8 bytes or more");
		if (crypto_key_of(&u->crypto, (enum crypto_auth)auth, (const uint8_t *)pass[i],
			    strlen(pass[i]), i == 0 ? ret->auth_key : ret->priv_key) < 0)
			return fail(why, "OpenSSL fails");
	}
	return 0;
}

int users_add(struct users *u, const struct user_text *t, uint32_t first, uint32_t last,
	char why[LIMIT_WHY])
{
	struct user made = {.first = first, .last = last};
	int err = make_user(u, t, &made, why);
	if (err < 0)
		return err;
	users_forget(u);
	for (size_t i = 0; i < u->count; i++) {
		struct user *k = &u->list[i];
		if (k->first == first && k->last == last && strcmp(k->name, made.name) == 0) {
			*k = made;
			return 0;
		}
	}
	if (u->count == USERS_MAX)
		return fail(why, "over 1,024 users");
	u->list[u->count++] = made;
	return 0;
}

int users_add_line(
	struct users *u, const char *line, uint32_t first, uint32_t last, char why[LIMIT_WHY])
{
	char copy[USERS_LINE], *part[6] = {0}, *rest = copy;
	if (strlen(line) >= sizeof copy)
		return fail(why, "line of a user too long");
	memcpy(copy, line, strlen(line) + 1);
	size_t n = 0;
	while (n < 6 && rest != NULL)
		part[n++] = strsep(&rest, ":");
	if (n < 5 || rest != NULL)
		return fail(why, "USER:auth:authpass:priv:privpass[:level] expected");
	struct user_text t = {part[0], part[1], part[2], part[3], part[4], part[5]};
	return users_add(u, &t, first, last, why);
}

static int read_line(struct users *u, char *line, uint32_t last, char why[LIMIT_WHY])
{
	line[strcspn(line, "\r\n")] = '\0';
	line += strspn(line, " \t");
	if (*line == '#' || *line == '\0')
		return 0;
	size_t digits = strspn(line, "0123456789-");
	if (digits == 0 || (line[digits] != ' ' && line[digits] != '\t'))
		return users_add_line(u, line, 0, last, why);
	char *end;
	unsigned long from = strtoul(line, &end, 10), to = from;
	if (*end == '-')
		to = strtoul(end + 1, &end, 10);
	if (end != line + digits || to < from || to > last)
		return fail(why, "FIRST-LAST: numbers of printers expected");
	line += digits + strspn(line + digits, " \t");
	return users_add_line(u, line, (uint32_t)from, (uint32_t)to, why);
}

int users_read(struct users *u, const char *path, uint32_t last, char why[LIMIT_WHY])
{
	char line[USERS_LINE], reason[LIMIT_WHY];
	FILE *f = fopen(path, "r");
	if (f == NULL) {
		snprintf(why, LIMIT_WHY, "%s", strerror(errno));
		return ERR_USAGE;
	}
	int err = 0;
	for (unsigned n = 1; err == 0 && fgets(line, sizeof line, f) != NULL; n++) {
		err = read_line(u, line, last, reason);
		if (err < 0)
			snprintf(why, LIMIT_WHY, "line %u: %.160s", n, reason);
	}
	(void)fclose(f); /* only read */
	return err;
}

const struct user *users_find(
	const struct users *u, uint32_t printer, const uint8_t *name, size_t len)
{
	for (size_t i = u->count; i-- > 0;) {
		const struct user *k = &u->list[i];
		if (k->name_len == len && printer >= k->first && printer <= k->last &&
			memcmp(k->name, name, len) == 0)
			return k;
	}
	return NULL;
}

const struct user_keys *users_keys(
	struct users *u, const struct user *who, uint32_t printer, const struct engine *e)
{
	uint32_t number = (uint32_t)(who - u->list);
	/* Neighbouring printers have neighbouring slots; users are spread. */
	struct user_keys *k = &u->keys[(printer + number * 40503u) & (USERS_KEYS - 1)];
	if (k->generation == u->generation && k->printer == printer && k->user == number)
		return k;
	k->generation = 0;
	enum crypto_auth auth = (enum crypto_auth)who->auth;
	if (who->auth != CRYPTO_NO_AUTH &&
		crypto_localize(&u->crypto, auth, who->auth_key, e->id, e->len, k->auth) < 0)
		return NULL;
	if (who->priv != CRYPTO_NO_PRIV &&
		crypto_localize_priv(&u->crypto, auth, (enum crypto_priv)who->priv, who->priv_key,
			e->id, e->len, k->priv) < 0)
		return NULL;
	k->printer = printer;
	k->user = number;
	k->generation = u->generation;
	return k;
}

void users_forget(struct users *u)
{
	u->generation = u->generation == UINT32_MAX ? 1 : u->generation + 1;
}
