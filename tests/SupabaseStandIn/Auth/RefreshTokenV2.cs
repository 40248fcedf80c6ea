using System.Security.Cryptography;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Auth;

/// <summary>A refresh token of the second kind: session and counter, under the session's own key.</summary>
internal readonly record struct RefreshTokenV2(Guid Session, long Counter, byte[] Signature)
{
    private const int SignatureLength = 16;
    private const int ChecksumLength = 4;

    public static string Write(Guid session, long counter, byte[] key)
    {
        var content = Content(session, counter);
        byte[] signed = [.. content, .. Sign(content, key)];
        return Base64Url.Encode([.. signed, .. SHA256.HashData(signed)[..ChecksumLength]]);
    }

    public static RefreshTokenV2? TryRead(string text)
    {
        if (Base64Url.TryDecode(text) is not { Length: > 17 + SignatureLength + ChecksumLength } bytes || bytes[0] != 0)
        {
            return null;
        }

        var signed = bytes.AsSpan(0, bytes.Length - ChecksumLength);
        if (!SHA256.HashData(signed).AsSpan(0, ChecksumLength).SequenceEqual(bytes.AsSpan(signed.Length)))
        {
            return null;
        }

        var (counter, shift) = (0L, 0);
        foreach (var part in signed[17..^SignatureLength])
        {
            counter |= (long)(part & 0x7F) << shift;
            shift += 7;
        }

        return new RefreshTokenV2(new Guid(signed.Slice(1, 16), bigEndian: true), counter, signed[^SignatureLength..].ToArray());
    }

    public bool IsSignedBy(byte[] key) => CryptographicOperations.FixedTimeEquals(Sign(Content(Session, Counter), key), Signature);

    private static byte[] Content(Guid session, long counter)
    {
        var bytes = new List<byte> { 0 };
        bytes.AddRange(session.ToByteArray(bigEndian: true));
        do
        {
            var more = counter > 0x7F ? 0x80 : 0;
            bytes.Add((byte)((int)(counter & 0x7F) + more));
            counter >>= 7;
        }
        while (counter > 0);
        return [.. bytes];
    }

    private static byte[] Sign(byte[] content, byte[] key) => HMACSHA256.HashData(key, content)[..SignatureLength];
}
