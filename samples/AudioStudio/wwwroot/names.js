/**
 * Returns the title of a file that is shown to users: the user's own name for the file, without the extension and with a capital letter.
 */
export function titleOf(file) {
  const own = file.display_name || file.name;
  const plain = own.replace(/\.[a-z0-9]{1,5}$/i, '');
  const words = plain.includes(' ') ? plain : plain.replaceAll(/[-_]+/g, ' ');
  const title = words.trim() || own;
  return title[0].toLocaleUpperCase() + title.slice(1);
}
