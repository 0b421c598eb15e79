// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdepassport make KEY [FIELD=VALUE]...	a passport signed with a PEM key
 * vdepassport holds KEY [FIELD=VALUE]...	count= legal holds, each with its release
 *						behind it
 * vdepassport payload [FIELD=VALUE]...		what of it is signed
 * vdepassport join PAYLOAD DER			payload and a signature of openssl's
 * vdepassport joinder PAYLOAD DER		... with the DER in place of r || s,
 *						cut to 64 bytes
 * vdepassport twin PASSPORT			the same with n - s instead of s
 * vdepassport point KEY			public key: 130 hexadecimal digits
 * vdepassport id PASSPORT			its id in text
 *
 * Everything goes to standard output. Fields: id object framework status issued
 * expires verified issuer notes, and count=N for N passports whose ids count up;
 * with mixed=1 they differ in object, framework, status, issuer and notes, and one of
 * three expired at tick 1; with own=1 each is about an object of its own, and with
 * step=TICKS each was issued so much later than the one before.
 * Times are ticks, "now", or "now" and a number of seconds with its sign. What is
 * not given is zero or empty, but for id, which is random.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guid.h"

#define MAX_SIZE	(132 + 65535 + 65535)
#define RAW_SIZE	64
#define TICKS		10000000LL
#define UNIX_EPOCH	621355968000000000LL

struct passport {
	uint8_t id[16];
	uint8_t object[16];
	long long framework, status, issued, expires, verified;
	const char *issuer, *notes;
	long long count, mixed, own, step;
};

static void fail(const char *what)
{
	fprintf(stderr, "vdepassport: %s; see the head of vdepassport.c\n",
		what);
	exit(2);
}

static uint8_t *put(uint8_t *to, uint64_t value, int bytes)
{
	for (; bytes; bytes--, value >>= 8)
		*to++ = value;
	return to;
}

static uint8_t *put_text(uint8_t *to, const char *text)
{
	size_t length = strlen(text);

	to = put(to, length, 4);
	memcpy(to, text, length);
	return to + length;
}

static size_t payload(const struct passport *passport, uint8_t *buffer)
{
	uint8_t *to = buffer;

	if (strlen(passport->issuer) > 65535 || strlen(passport->notes) > 65535)
		fail("too long a text");
	memcpy(to, passport->id, 16);
	memcpy(to + 16, passport->object, 16);
	to = put(to + 32, passport->framework, 2);
	to = put(to, passport->status, 2);
	to = put(to, passport->issued, 8);
	to = put(to, passport->expires, 8);
	to = put(to, passport->verified, 8);
	to = put_text(to, passport->issuer);
	return put_text(to, passport->notes) - buffer;
}

static long long number(const char *text)
{
	long long value = 0;
	char *end = (char *)text;

	if (!strncmp(text, "now", 3)) {
		value = time(NULL) * TICKS + UNIX_EPOCH;
		if (text[3])
			value += strtoll(text + 3, &end, 10) * TICKS;
		else
			end += 3;
	} else {
		value = strtoll(text, &end, 0);
	}
	if (!*text || *end)
		fail(text);
	return value;
}

static void take_field(struct passport *passport, char *word)
{
	char *value = strchr(word, '=');
	const struct { const char *name; long long *number; } numbers[] = {
		{ "framework", &passport->framework },
		{ "status", &passport->status },
		{ "issued", &passport->issued },
		{ "expires", &passport->expires },
		{ "verified", &passport->verified },
		{ "count", &passport->count },
		{ "mixed", &passport->mixed },
		{ "own", &passport->own },
		{ "step", &passport->step },
	};
	size_t i;

	if (!value)
		fail(word);
	*value++ = 0;
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!strcmp(word, numbers[i].name)) {
			*numbers[i].number = number(value);
			return;
		}
	if (!strcmp(word, "issuer"))
		passport->issuer = value;
	else if (!strcmp(word, "notes"))
		passport->notes = value;
	else if ((strcmp(word, "id") || !guid_parse(value, passport->id)) &&
		 (strcmp(word, "object") || !guid_parse(value, passport->object)))
		fail(word);
}

static struct passport take_fields(char **words)
{
	struct passport passport = { .issuer = "", .notes = "", .count = 1 };

	if (RAND_bytes(passport.id, 16) != 1)
		fail("no random numbers");
	while (*words)
		take_field(&passport, *words++);
	return passport;
}

static EVP_PKEY *read_key(const char *name)
{
	FILE *file = fopen(name, "r");
	EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) :
			       NULL;

	if (!key)
		fail("cannot read a key");
	fclose(file);
	return key;
}

/* DER to r || s; false if it is no signature or its numbers are too long */
static bool to_raw(const uint8_t *der, size_t length, uint8_t raw[RAW_SIZE])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, length);
	bool good = sig &&
		    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32) == 32 &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32) == 32;

	ECDSA_SIG_free(sig);
	return good;
}

/* Behind what is signed; from any key that openssl can sign with */
static void sign(EVP_PKEY *key, uint8_t *buffer, size_t size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t der[4096];
	size_t length = sizeof(der);

	if (!context ||
	    EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(context, der, &length, buffer, size) != 1)
		fail("cannot sign");
	EVP_MD_CTX_free(context);
	if (!to_raw(der, length, buffer + size))
		fail("not a key of P-256");
}

static void count_up(uint8_t id[16])
{
	int i;

	for (i = 15; i >= 0 && !++id[i]; i--)
		;
}

static void write_all(const void *data, size_t size)
{
	if (fwrite(data, 1, size, stdout) != size || fflush(stdout))
		fail("cannot write");
}

/* The one of that number, of many */
static struct passport vary(struct passport passport, long long number)
{
	static char issuer[256], notes[MAX_SIZE];

	if (!passport.mixed)
		return passport;
	snprintf(issuer, sizeof(issuer), "%s%.*s", passport.issuer,
		 number % 4 == 3, "2");
	snprintf(notes, sizeof(notes), "%.*s",
		 (int)(number * 37 % (strlen(passport.notes) + 1)),
		 passport.notes);
	passport.issuer = issuer;
	passport.notes = notes;
	/* Most of them are of one object */
	passport.object[15] += number % 3 ? 0 : number / 3 % 7;
	passport.framework = number % 9;
	passport.status = number % 5;
	passport.expires = number % 3 == 2 ? 1 :
			   number % 3 == 1 ? INT64_MAX : 0;
	return passport;
}

static void make(EVP_PKEY *key, const struct passport *passport)
{
	static uint8_t buffer[MAX_SIZE];
	size_t size = payload(passport, buffer);

	sign(key, buffer, size);
	write_all(buffer, size + RAW_SIZE);
}

static void do_make(char **words)
{
	EVP_PKEY *key = read_key(*words);
	struct passport passport = take_fields(words + 1), one;
	long long number;

	for (number = 0; number < passport.count; number++) {
		one = vary(passport, number);
		if (passport.own)
			memcpy(one.object, one.id, sizeof(one.object));
		make(key, &one);
		count_up(passport.id);
		passport.issued += passport.step;
	}
	EVP_PKEY_free(key);
}

static void do_holds(char **words)
{
	EVP_PKEY *key = read_key(*words);
	struct passport passport = take_fields(words + 1);
	char hold[GUID_TEXT];

	for (; passport.count > 0; passport.count--) {
		passport.status = 5;
		passport.notes = "";
		make(key, &passport);
		passport.notes = guid_print(passport.id, hold);
		count_up(passport.id);
		passport.status = 6;
		make(key, &passport);
		count_up(passport.id);
	}
	EVP_PKEY_free(key);
}

static void do_payload(char **words)
{
	static uint8_t buffer[MAX_SIZE];
	struct passport passport = take_fields(words);

	write_all(buffer, payload(&passport, buffer));
}

static size_t read_file(const char *name, uint8_t *buffer, size_t room)
{
	FILE *file = fopen(name, "rb");
	size_t size = file ? fread(buffer, 1, room, file) : 0;

	if (!size)
		fail("cannot read a file");
	fclose(file);
	return size;
}

static void join(char **words, bool raw)
{
	static uint8_t buffer[MAX_SIZE];
	uint8_t der[4096] = { };
	size_t size = read_file(words[0], buffer, sizeof(buffer) - RAW_SIZE);
	size_t length = read_file(words[1], der, sizeof(der));

	if (!raw)
		memcpy(buffer + size, der, RAW_SIZE);
	else if (!to_raw(der, length, buffer + size))
		fail("not a signature of P-256");
	write_all(buffer, size + RAW_SIZE);
}

static void do_join(char **words)
{
	join(words, true);
}

static void do_joinder(char **words)
{
	join(words, false);
}

static void do_twin(char **words)
{
	static uint8_t buffer[MAX_SIZE];
	size_t size = read_file(*words, buffer, sizeof(buffer));
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	BIGNUM *s = size > 32 ? BN_bin2bn(buffer + size - 32, 32, NULL) : NULL;

	if (!group || !s || !BN_sub(s, EC_GROUP_get0_order(group), s) ||
	    BN_bn2binpad(s, buffer + size - 32, 32) != 32)
		fail("cannot subtract");
	write_all(buffer, size);
	BN_free(s);
	EC_GROUP_free(group);
}

static void do_point(char **words)
{
	EVP_PKEY *key = read_key(*words);
	uint8_t point[65];
	size_t length, i;

	if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
					    sizeof(point), &length) != 1)
		fail("no public key of 65 bytes");
	for (i = 0; i < length; i++)
		printf("%02x", point[i]);
	puts("");
	EVP_PKEY_free(key);
}

static void do_id(char **words)
{
	static uint8_t buffer[MAX_SIZE];
	char text[GUID_TEXT];

	read_file(*words, buffer, sizeof(buffer));
	puts(guid_print(buffer, text));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int least;
		void (*run)(char **words);
	} verbs[] = {
		{ "make", 1, do_make },
		{ "holds", 1, do_holds },
		{ "payload", 0, do_payload },
		{ "join", 2, do_join },
		{ "joinder", 2, do_joinder },
		{ "twin", 1, do_twin },
		{ "point", 1, do_point },
		{ "id", 1, do_id },
	};
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(argv[1], verbs[i].name) && argc - 2 >= verbs[i].least) {
			verbs[i].run(argv + 2);
			return 0;
		}
	fail("what?");
}
