using System.Security.Cryptography;

namespace SupabaseStandIn.Auth;

/// <summary>
/// Represents a refresh token of algorithm 2. The token is the base64url form of a zero byte, the session id, a counter as a varint, 16
/// bytes of HMAC-SHA256 with the session's own key, and a checksum of 4 bytes.
/// </summary>
internal sealed record RefreshToken(Guid Session, long Counter, byte[] Signed, byte[] Signature)
{
    private const int SignatureLength = 16;
    private const int ChecksumLength = 4;
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Creates a refresh token of algorithm 1, which consists of 12 random letters and digits.</summary>
    public static string NewOpaque() => RandomNumberGenerator.GetString(Letters, 12);

    public static bool IsOpaque(string text) => text.Length == 12 && text.All(letter => Letters.Contains(letter, StringComparison.Ordinal));

    public static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public static string Write(Guid session, long counter, string key)
    {
        List<byte> bytes = [0, .. session.ToByteArray(bigEndian: true)];
        for (var rest = (ulong)counter; ; rest >>= 7)
        {
            bytes.Add((byte)(rest < 0x80 ? rest : (rest & 0x7f) | 0x80));
            if (rest < 0x80)
            {
                break;
            }
        }

        bytes.AddRange(Sign([.. bytes], key));
        bytes.AddRange(Checksum([.. bytes]));
        return Tokens.Base64Url.Encode([.. bytes]);
    }

    /// <summary>
    /// Parses a refresh token. Returns null if the format or the checksum is wrong. The signature is not verified here, because this
    /// requires the session's key.
    /// </summary>
    public static RefreshToken? TryRead(string text)
    {
        if (Tokens.Base64Url.TryDecode(text) is not { Length: > 17 + SignatureLength + ChecksumLength } bytes || bytes[0] != 0)
        {
            return null;
        }

        var checksum = bytes.Length - ChecksumLength;
        var signature = checksum - SignatureLength;
        if (!bytes.AsSpan(checksum).SequenceEqual(Checksum(bytes[..checksum])))
        {
            return null;
        }

        var counter = 0L;
        for (var at = 17; at < signature; at++)
        {
            counter |= (long)(bytes[at] & 0x7f) << (7 * (at - 17));
        }

        return new RefreshToken(new Guid(bytes.AsSpan(1, 16), bigEndian: true), counter, bytes[..signature], bytes[signature..checksum]);
    }

    public bool IsGenuine(string key) => CryptographicOperations.FixedTimeEquals(Signature, Sign(Signed, key));

    private static byte[] Sign(byte[] bytes, string key) => HMACSHA256.HashData(Convert.FromHexString(key), bytes)[..SignatureLength];

    private static byte[] Checksum(byte[] bytes) => SHA256.HashData(bytes)[..ChecksumLength];
}
