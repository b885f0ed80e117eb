/** Why a phone cannot be this room's camera by this address, one or two sentences; empty: it can. */
export function phoneHindrance({ protocol, hostname }: Pick<URL, "protocol" | "hostname">): string {
  if (protocol !== "https:")
    return "Phones give their camera to pages from https:// alone, and this page came over plain HTTP. Start the server with --tls-self-signed, or with a certificate, and open this page by its https:// address.";
  if (/^(localhost|127\..*|\[::1\])$/.test(hostname))
    return `To a phone, ${hostname} is the phone itself. Open this page by the name or the address that this machine has in your network.`;
  return "";
}
