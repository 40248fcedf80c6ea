using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Identifies a paid request by method, path, query and the SHA-256 of its body. The same key with another fingerprint is a conflict.
/// </summary>
internal static class RequestFingerprint
{
    private const int MemoryThreshold = 64 * 1024;

    /// <summary>Reads the body, buffers it for the handler, and returns the fingerprint or the problem with the body.</summary>
    public static async Task<(string? Fingerprint, Problem? Problem)> ComputeAsync(HttpRequest request, long maxBody)
    {
        if (request.ContentLength > maxBody)
        {
            return (null, Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge));
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit
            && (limit.MaxRequestBodySize is null || limit.MaxRequestBodySize > maxBody))
        {
            limit.MaxRequestBodySize = maxBody;
        }

        request.EnableBuffering(MemoryThreshold, maxBody);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.PathBase}{request.Path}\n{request.QueryString}\n"));
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted).ConfigureAwait(false)) > 0)
            {
                hash.AppendData(buffer.AsSpan(0, count));
            }
        }
        catch (BadHttpRequestException exception)
        {
            return (null, Problems.BodyRejected(exception.StatusCode));
        }
        catch (IOException)
        {
            // The maximum number of buffered bytes. It applies when the server has no request size limit.
            return (null, Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge));
        }

        request.Body.Position = 0;
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), null);
    }
}
