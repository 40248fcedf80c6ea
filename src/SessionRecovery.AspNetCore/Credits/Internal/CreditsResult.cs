using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Represents a 200 response with a balance.</summary>
internal sealed class CreditsResult(ReadOnlyMemory<byte> body) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        JsonResult<CreditsResponse>.PopulateMetadata(method, builder);

    public Task ExecuteAsync(HttpContext httpContext) =>
        httpContext.Response.WriteBodyAsync(StatusCodes.Status200OK, body, "application/json; charset=utf-8");
}
