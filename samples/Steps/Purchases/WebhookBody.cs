using System.Buffers;
using System.Text;

namespace Purchases;

/// <summary>
/// Reads the body of a webhook. The signature covers the exact bytes of the body, so the body is parsed only after the signature was
/// checked.
/// </summary>
public static class WebhookBody
{
    private const int MaxBytes = 256 * 1024;

    /// <summary>Returns the body, or <see langword="null"/> if it is too large or not UTF-8.</summary>
    public static async Task<string?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes + 1);
        try
        {
            var length = await request.Body.ReadAtLeastAsync(buffer, MaxBytes + 1, throwOnEndOfStream: false, cancellationToken);
            return length > MaxBytes ? null : new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(buffer, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
