using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Identifies a paid request by method, path, query, the headers that select a part or a version of the content, and the SHA-256 of its
/// body or form. A request with the same key and another fingerprint is rejected as a conflict. If several people share the credits, the
/// fingerprint also identifies the person, because a stored response belongs to one person.
/// </summary>
internal sealed class RequestFingerprint : IDisposable
{
    private const int MemoryThreshold = 64 * 1024;

    private static readonly string[] SelectingHeaders =
        ["Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range"];

    private readonly HttpRequest _request;
    private readonly long _maxBody;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private RequestFingerprint(HttpRequest request, long maxBody)
    {
        _request = request;
        _maxBody = maxBody;
    }

    private bool IsMultipart => _request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase);

    private bool RequiresAntiforgeryToken =>
        _request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAntiforgeryMetadata>()?.RequiresValidation == true;

    private CancellationToken Aborted => _request.HttpContext.RequestAborted;

    /// <summary>
    /// Reads and buffers the request body, and returns the fingerprint of the request. If the body cannot be read, the method returns a
    /// problem.
    /// </summary>
    public static async Task<(string? Fingerprint, Problem? Problem)> ComputeAsync(
        HttpRequest request, UserSession session, UserId? person, long maxBody, ILogger logger)
    {
        if (request.ContentLength > maxBody)
        {
            return (null, Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge));
        }

        using var fingerprint = new RequestFingerprint(request, maxBody);
        try
        {
            fingerprint.AddCaller(session, person);
            var problem = await fingerprint.ComputeAsync().ConfigureAwait(false);
            if (ReferenceEquals(problem, Problems.BodyConsumed))
            {
                logger.BodyConsumed();
            }

            return problem is null ? (Convert.ToHexStringLower(fingerprint._hash.GetHashAndReset()), null) : (null, problem);
        }
        catch (BadHttpRequestException exception)
        {
            return (null, Problems.BodyRejected(exception.StatusCode));
        }
        catch (InvalidDataException)
        {
            // The form is malformed or exceeds a limit of FormOptions.
            return (null, Problems.BodyRejected(StatusCodes.Status400BadRequest));
        }
        catch (IOException) when (request.Body is { CanSeek: true } body && body.Length > maxBody)
        {
            return (null, Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge));
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException && !fingerprint.Aborted.IsCancellationRequested)
        {
            logger.BodyNotBuffered(exception);
            return (null, Problems.Busy);
        }
    }

    public void Dispose() => _hash.Dispose();

    private void AddCaller(UserSession session, UserId? person)
    {
        if (person is { } id && id != session.User)
        {
            Add($"person {id.Value}\n");
        }

        foreach (var (name, value) in session.Properties)
        {
            Add($"property {name.Length} {name} {value.Length} {value}\n");
        }
    }

    private async Task<Problem?> ComputeAsync()
    {
        Add($"{_request.Method}\n{_request.PathBase}{_request.Path}\n{_request.QueryString}\n");
        foreach (var name in SelectingHeaders)
        {
            if (_request.Headers.TryGetValue(name, out var value))
            {
                Add($"{name}: {value}\n");
            }
        }

        // The body of an extended CONNECT request is not hashed, because this body is the connection that the handler takes over.
        if (_request.HttpContext.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true)
        {
            return null;
        }

        // ASP.NET Core throws an exception when a form with an invalid antiforgery token is read.
        if (_request.HttpContext.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false })
        {
            return Problems.InvalidAntiforgeryToken;
        }

        // If middleware has already read the form, the parsed form is hashed. A multipart body is hashed part by part, because its boundary
        // changes with every attempt.
        var form = _request.HttpContext.Features.Get<IFormFeature>();
        if (form?.Form is { } parsed && !_request.Body.CanSeek)
        {
            return await AddFormAsync(parsed).ConfigureAwait(false);
        }

        if (!TryRewind())
        {
            return Problems.BodyConsumed;
        }

        if (_request.HasFormContentType && (IsMultipart || RequiresAntiforgeryToken))
        {
            var problem = await AddFormAsync(await _request.ReadFormAsync(Aborted).ConfigureAwait(false)).ConfigureAwait(false);
            _request.Body.Position = 0;
            return problem;
        }

        return await AddBodyAsync().ConfigureAwait(false);
    }

    // Makes the request body readable again from its first byte. Returns false if this is not possible.
    private bool TryRewind()
    {
        if (_request.Body.CanSeek)
        {
            _request.Body.Position = 0;
            return true;
        }

        if (_request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { } limit)
        {
            if (limit.IsReadOnly)
            {
                // The limit is read-only because other code has already read the body without buffering it.
                return _request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true;
            }

            if (limit.MaxRequestBodySize is null || limit.MaxRequestBodySize > _maxBody)
            {
                limit.MaxRequestBodySize = _maxBody;
            }
        }

        _request.EnableBuffering(MemoryThreshold, _maxBody + MemoryThreshold);
        return true;
    }

    private async Task<Problem?> AddBodyAsync()
    {
        var length = await AddStreamAsync(_request.Body, _maxBody).ConfigureAwait(false);
        if (length > _maxBody)
        {
            return Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge);
        }

        if (length < _request.ContentLength)
        {
            return Problems.BodyConsumed;
        }

        _request.Body.Position = 0;
        return null;
    }

    private async Task<Problem?> AddFormAsync(IFormCollection form)
    {
        // The antiforgery token is not part of the fingerprint, because a page that the user has reloaded sends a new antiforgery token.
        var tokenField = _request.HttpContext.RequestServices.GetService<IOptions<AntiforgeryOptions>>()?.Value.FormFieldName;
        foreach (var (name, values) in form.Where(field => !string.Equals(field.Key, tokenField, StringComparison.Ordinal)))
        {
            Add($"field {name.Length} {name} {values.Count}\n");
            foreach (var value in values)
            {
                Add($"{value?.Length ?? 0} {value}\n");
            }
        }

        var length = 0L;
        foreach (var file in form.Files)
        {
            Add($"file {file.Name.Length} {file.Name} {file.FileName.Length} {file.FileName} {file.Length} {file.ContentType}\n");
            length += file.Length;
            if (length > _maxBody)
            {
                return Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge);
            }

            var content = file.OpenReadStream();
            await using (content.ConfigureAwait(false))
            {
                await AddStreamAsync(content, _maxBody).ConfigureAwait(false);
            }
        }

        return null;
    }

    /// <summary>Hashes a stream and stops after one buffer beyond the limit. Returns the number of bytes that were read.</summary>
    private async Task<long> AddStreamAsync(Stream stream, long limit)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var length = 0L;
        int count;
        while (length <= limit && (count = await stream.ReadAsync(buffer, Aborted).ConfigureAwait(false)) > 0)
        {
            _hash.AppendData(buffer.AsSpan(0, count));
            length += count;
        }

        // The buffer contains bytes of the user's request. After an exception, the buffer is not returned to the pool, because a stream may
        // still write to it.
        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        return length;
    }

    private void Add(FormattableString text) => _hash.AppendData(Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture)));
}
