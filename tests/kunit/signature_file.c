// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file that verifies what is written to it, with the driver's own function,
 * compiled unchanged: /sys/kernel/debug/vde-signature. One write is one line,
 *
 *	POINT DIGEST SIGNATURE
 *
 * in hexadecimal, "-" for no bytes. It succeeds if the signature is valid; else
 * its errno is that of vde_signature_verify(), or EBADMSG for a line that cannot
 * be understood.
 */
#include "../../drivers/md/dm-vde/signature.c"

#include <linux/debugfs.h>
#include <linux/module.h>

#define LINE_MAX 4096

static struct dentry *node;

/* In place; negative if it is no hexadecimal. */
static int take_bytes(char **line, u8 **bytes)
{
	char *word = strsep(line, " ");
	int length;

	if (!word)
		return -1;
	*bytes = word;
	if (!strcmp(word, "-"))
		return 0;
	length = strlen(word) / 2;
	return strlen(word) % 2 || hex2bin(word, word, length) ? -1 : length;
}

static int verify_line(char *line)
{
	u8 *point, *digest, *signature;
	int point_length, digest_length, signature_length;

	line = strim(line);
	point_length = take_bytes(&line, &point);
	digest_length = take_bytes(&line, &digest);
	signature_length = take_bytes(&line, &signature);
	if (line || point_length < 0 || signature_length < 0 ||
	    digest_length != SHA256_DIGEST_SIZE)
		return -EBADMSG;
	return vde_signature_verify(point, point_length, digest, signature,
				    signature_length);
}

static ssize_t write_line(struct file *file, const char __user *from,
			  size_t size, loff_t *pos)
{
	char *line;
	int err;

	if (size > LINE_MAX)
		return -EBADMSG;
	line = memdup_user_nul(from, size);
	if (IS_ERR(line))
		return PTR_ERR(line);
	err = verify_line(line);
	kfree(line);
	return err ? err : size;
}

static const struct file_operations file_ops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = write_line,
};

static int __init signature_init(void)
{
	node = debugfs_create_file("vde-signature", 0200, NULL, NULL,
				   &file_ops);
	return PTR_ERR_OR_ZERO(node);
}

static void __exit signature_exit(void)
{
	debugfs_remove(node);
}

module_init(signature_init);
module_exit(signature_exit);

MODULE_DESCRIPTION("Test of dm-vde's signatures, from user space");
MODULE_LICENSE("GPL");
